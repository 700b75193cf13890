/**
 * Reads what matters to a tunnel, from the kernel itself or from what is known by notifications, and translates it for the
 * planner.
 */
@NullMarked
package dev.iptunnel.kernel.read;

import org.jspecify.annotations.NullMarked;
