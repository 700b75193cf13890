package dev.iptunnel.plan;

import dev.iptunnel.tunnel.Mark;

/**
 * The tunnel of another object makes way, so that its traffic is interrupted.
 *
 * @param owner whose tunnel it is
 * @param what becomes of it, and for whose sake
 */
public record Displacement(Mark owner, String what) {}
