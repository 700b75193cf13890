package dev.iptunnel.agent.event;

/**
 * What was done, as the reason of an Event. The Event of a refusal has the reason of its condition instead ({@link
 * dev.iptunnel.plan.Reason}).
 */
public enum EventReason {
    TUNNEL_CREATED("TunnelCreated"),
    TUNNEL_CHANGED("TunnelChanged"),
    TUNNEL_RECREATED("TunnelRecreated"),
    TUNNEL_REPAIRED("TunnelRepaired"),
    ROUTES_WITHDRAWN("RoutesWithdrawn"),
    ROUTES_RESTORED("RoutesRestored"),
    TRAFFIC_INTERRUPTED("TrafficInterrupted"),
    TUNNEL_DELETED("TunnelDeleted"),
    TUNNEL_RETAINED("TunnelRetained"),
    TUNNEL_HELD("TunnelHeld"),
    TUNNEL_LEFT_ALONE("TunnelLeftAlone");

    private final String text;

    EventReason(String text) {
        this.text = text;
    }

    @Override
    public String toString() {
        return text;
    }
}
