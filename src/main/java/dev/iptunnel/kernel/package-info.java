/** Observes the node's tunnels and applies plans to them: the one way from the planner's words to the kernel's. */
@NullMarked
package dev.iptunnel.kernel;

import org.jspecify.annotations.NullMarked;
