/**
 * Decides who owns an interface and its endpoints, and which operations turn what the kernel holds into the desired tunnel.
 * Pure.
 */
@NullMarked
package dev.iptunnel.planner;

import org.jspecify.annotations.NullMarked;
