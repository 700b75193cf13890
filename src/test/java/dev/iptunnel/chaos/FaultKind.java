package dev.iptunnel.chaos;

import java.util.Locale;

/**
 * What can go wrong, on a node or in the control plane.
 *
 * <p>How often it is drawn, how long the operator may take to repair it, and when objects are changed.
 */
enum FaultKind {
    AGENT_KILLED(5, 60),
    AGENT_POD_DELETED(2, 90),
    AGENT_STOPPED(4, 30),
    API_SERVER_KILLED(2, 60),
    ETCD_KILLED(2, 60),
    NODE_CUT_OFF(3, 60),
    POWER_CUT(1, 180),
    API_SERVER_FROZEN(2, 60),
    WATCH_HALF_OPEN(2, 100, Changes.AFTERWARDS),
    CLOCK_STEPPED(2, 60),
    CLIENTS_STALLED(1, 60),
    CRD_REMOVED(1, 120, Changes.BEFORE),
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
    TUNNEL_CONNECTED_ROUTES_LOST(3, 30),
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
    FOREIGN_TUNNELS(2, 60),
    ALTERNATIVE_NAME(2, 30),
    CNI_ON_FALLBACK(2, 30),
    NETWORKD_STARTED(2, 60);

    /** When objects are changed, seen from the fault. */
    enum Changes {
        BEFORE,
        MEANWHILE,
        AFTERWARDS
    }

    private final int weight;
    private final int patience;
    private final Changes changes;

    FaultKind(int weight, int patience) {
        this(weight, patience, Changes.MEANWHILE);
    }

    FaultKind(int weight, int patience, Changes changes) {
        this.weight = weight;
        this.patience = patience;
        this.changes = changes;
    }

    int weight() {
        return weight;
    }

    /** Seconds, on a busy machine, from the end of the fault. Only what nobody tells takes a minute. */
    int patience() {
        return patience;
    }

    Changes changes() {
        return changes;
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
