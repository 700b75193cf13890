package dev.iptunnel.api.v1alpha1;

/** The types of condition in {@link IpTunnelStatus#conditions()}. */
public final class ConditionType {
    /** True: the kernel holds what the spec asks for. */
    public static final String PROGRAMMED = "Programmed";
    /** True: the node does its part of the tunnel. Nothing is said about the peer. */
    public static final String READY = "Ready";
    /** Only present, and True, where no retry can help until somebody acts. */
    public static final String STALLED = "Stalled";
    /** Only present, and True, while the agent is told to change nothing. */
    public static final String PAUSED = "Paused";

    private ConditionType() {}
}
