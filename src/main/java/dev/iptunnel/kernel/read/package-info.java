/**
 * Reads what bears on a tunnel, from the kernel itself or from what the kernel told, and translates it for the
 * planner.
 */
@NullMarked
package dev.iptunnel.kernel.read;

import org.jspecify.annotations.NullMarked;
