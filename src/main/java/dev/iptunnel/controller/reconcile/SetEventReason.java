package dev.iptunnel.controller.reconcile;

/** What the controller did, or found, as the reason of an Event on a set. */
public enum SetEventReason {
    TUNNELS_CREATED("TunnelsCreated"),
    TUNNELS_FOLLOWED("TunnelsFollowed"),
    TUNNELS_REMOVED("TunnelsRemoved"),
    TUNNEL_PUT_BACK("TunnelPutBack"),
    NODES_UPDATED("NodesUpdated"),
    ROLLOUT_COMPLETE("RolloutComplete"),
    ROLLOUT_FAILED("RolloutFailed");

    private final String text;

    SetEventReason(String text) {
        this.text = text;
    }

    @Override
    public String toString() {
        return text;
    }
}
