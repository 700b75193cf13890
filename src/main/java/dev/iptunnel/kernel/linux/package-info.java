/** The kernel of this node: reads, watch, and the execution of plans by rtnetlink and tunnel ioctls. */
@NullMarked
package dev.iptunnel.kernel.linux;

import org.jspecify.annotations.NullMarked;
