/** The operator of one node, put together. */
@NullMarked
package dev.iptunnel.agent;

import org.jspecify.annotations.NullMarked;
