package dev.iptunnel.plan;

import dev.iptunnel.tunnel.Mark;

/**
 * The tunnel of another object makes way, which interrupts its traffic.
 *
 * @param owner the mark of that object
 * @param what what happens to its tunnel, and for which object
 */
public record Displacement(Mark owner, String what) {}
