package dev.iptunnel.api.v1alpha1.set;

/** The types of condition in {@link IpTunnelSetStatus#conditions()}. */
public final class SetConditionType {
    /** True: all tunnels are ready, but for those of nodes that are down. */
    public static final String READY = "Ready";
    /** True: enough nodes are available. */
    public static final String AVAILABLE = "Available";
    /** True: tunnels are being made, changed or removed. */
    public static final String PROGRESSING = "Progressing";
    /** Present, and True, only if nothing goes on until somebody acts. */
    public static final String STALLED = "Stalled";
    /** Present, and True, only while {@code spec.rollout.paused} is true. */
    public static final String PAUSED = "Paused";

    private SetConditionType() {}
}
