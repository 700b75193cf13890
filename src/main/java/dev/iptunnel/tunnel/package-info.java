/** The pure core: what a tunnel should be, what it is, and the plan that turns the one into the other. No I/O. */
@NullMarked
package dev.iptunnel.tunnel;

import org.jspecify.annotations.NullMarked;
