package dev.iptunnel.set;

/** The labels and annotations of the IpTunnels of a set. */
public final class SetNames {
    /** Label: the name of the set. */
    public static final String SET = "iptunnel.dev/set";
    /** Label: the UID of the set. */
    public static final String SET_UID = "iptunnel.dev/set-uid";
    /** Label: the name of the revision whose template the tunnel has. */
    public static final String REVISION = "iptunnel.dev/revision";
    /** Annotation: the node at the other end. */
    public static final String PEER_NODE = "iptunnel.dev/peer-node";
    /** Annotation: the IpTunnel of the other end. */
    public static final String PEER_TUNNEL = "iptunnel.dev/peer-tunnel";
    /**
     * Annotation: the entry of {@code spec.addresses} that the set wrote, such as {@code 10.200.0.7/32 peer 10.200.0.9}.
     * The other entries are of the template or of others.
     */
    public static final String INNER_ADDRESS = "iptunnel.dev/inner-address";
    /** Annotation: {@code set} if {@code spec.routes} has routes of the set; else they are of the template or of others. */
    public static final String ROUTES = "iptunnel.dev/routes";
    /** Annotation: when the roll-out gave the tunnel its revision (RFC 3339). */
    public static final String UPDATED_AT = "iptunnel.dev/updated-at";
    /** Annotation: whether the node was available then, {@code true} or {@code false}. */
    public static final String WAS_AVAILABLE = "iptunnel.dev/was-available";
    /** Annotation on a set: the failed revision to be tried again. */
    public static final String RETRY = "iptunnel.dev/retry";
    /** Annotation on a set: the generation whose mass removal is confirmed. */
    public static final String CONFIRM_REMOVAL = "iptunnel.dev/confirm-removal";

    private SetNames() {}
}
