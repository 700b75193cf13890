package dev.iptunnel.chaos;

import java.util.Locale;

/**
 * What can go wrong, on a node or in the control plane.
 *
 * <p>How often it is drawn, how long the operator may take to repair it, and whether objects are changed meanwhile.
 */
enum FaultKind {
    AGENT_KILLED(5, 60),
    AGENT_POD_DELETED(2, 90),
    AGENT_STOPPED(4, 30),
    API_SERVER_KILLED(2, 60),
    ETCD_KILLED(2, 60),
    NODE_CUT_OFF(3, 60),
    POWER_CUT(1, 180),
    CRD_REMOVED(1, 120, false),
    TUNNEL_DELETED(6, 30),
    TUNNEL_DOWN(5, 30),
    TUNNEL_RENAMED(4, 30),
    TUNNEL_MTU(4, 30),
    TUNNEL_TTL(4, 30),
    TUNNEL_REMOTE(4, 30),
    TUNNEL_PARENT(3, 30),
    TUNNEL_FWMARK(2, 30),
    TUNNEL_MARK_OF_PREDECESSOR(3, 30),
    TUNNEL_MARK_OVERWRITTEN(1, 30),
    TUNNEL_ADDRESSES_LOST(4, 30),
    TUNNEL_ADDRESS_OF_OTHERS(2, 30),
    TUNNEL_ROUTES_LOST(4, 30),
    ALL_TUNNELS_DELETED(2, 60),
    DOWN_TUNNEL_CHANGED(1, 80),
    PARENT_REPLACED(4, 30),
    PARENT_AWAY(2, 30),
    PARENT_DOWN(2, 30),
    PARENT_MTU(4, 30),
    PARENT_ADDRESSES(3, 30),
    NETLINK_FLOOD(2, 60),
    FOREIGN_ROUTES(1, 60),
    FOREIGN_VETHS(1, 60),
    FOREIGN_TUNNELS(2, 60);

    private final int weight;
    private final int patience;
    private final boolean whileObjectsChange;

    FaultKind(int weight, int patience) {
        this(weight, patience, true);
    }

    FaultKind(int weight, int patience, boolean whileObjectsChange) {
        this.weight = weight;
        this.patience = patience;
        this.whileObjectsChange = whileObjectsChange;
    }

    int weight() {
        return weight;
    }

    /** Seconds, on a busy machine, from the end of the fault. Only what the kernel does not tell takes a minute. */
    int patience() {
        return patience;
    }

    boolean isWhileObjectsChange() {
        return whileObjectsChange;
    }

    /** How many restarts of the agent's container it explains; the kubelet does so to one that is stopped for long. */
    int restarts() {
        return switch (this) {
            case AGENT_KILLED, FOREIGN_VETHS, NETLINK_FLOOD -> 1;
            case POWER_CUT -> 2;
            default -> 0;
        };
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
