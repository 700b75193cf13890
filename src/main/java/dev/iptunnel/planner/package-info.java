/**
 * Decides: whose an interface and its endpoints are, and which operations make the kernel hold the desired tunnel.
 * Pure.
 */
@NullMarked
package dev.iptunnel.planner;

import org.jspecify.annotations.NullMarked;
