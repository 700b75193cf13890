package dev.iptunnel.api.v1alpha1;

/** The types of condition in {@link IpTunnelStatus#conditions()}. */
public final class ConditionType {
    /** True: the kernel holds what the spec asks for. */
    public static final String PROGRAMMED = "Programmed";
    /** True: the node does its part of the tunnel. This says nothing about the peer. */
    public static final String READY = "Ready";
    /** Present, and True, only if no retry can help until somebody acts. */
    public static final String STALLED = "Stalled";
    /** Present, and True, only while {@code spec.paused} is true. */
    public static final String PAUSED = "Paused";
    /** True: the peer answers through the tunnel. Present only with {@code spec.probe}. */
    public static final String REACHABLE = "Reachable";

    /** True: the other end is an IpTunnel of this cluster, is ready, and fits. The controller writes it. */
    public static final String PAIRED = "Paired";

    private ConditionType() {}
}
