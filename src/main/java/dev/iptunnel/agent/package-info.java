/** The operator of one node, assembled from the packages below. */
@NullMarked
package dev.iptunnel.agent;

import org.jspecify.annotations.NullMarked;
