package dev.iptunnel.agent.health;

/** Which metrics there are of each tunnel. */
public enum PerTunnelMetrics {
    FULL,
    /** What it is, whether it is ready, since when it is not, and the bytes. */
    BASIC,
    NONE
}
