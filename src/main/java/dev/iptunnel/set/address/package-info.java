/** The inner addresses of a set: one for each node, which stays the node's. */
@NullMarked
package dev.iptunnel.set.address;

import org.jspecify.annotations.NullMarked;
