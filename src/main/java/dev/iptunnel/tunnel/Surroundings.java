package dev.iptunnel.tunnel;

import java.net.InetAddress;
import java.util.List;
import java.util.Optional;

/**
 * What else is on the node that a tunnel meets when it takes its endpoints, or gets addresses or routes.
 *
 * @param holder another device of the driver with the endpoints that are wanted
 * @param fallbackUsers who sends through the driver's fallback device to the remote, or takes packets of any remote,
 *     each as a phrase
 * @param guarded where packets must go on going as they do
 * @param rules of the inner family, in the order in which the kernel goes through them; none without policy routing
 */
public record Surroundings(
        Optional<ObservedLink> holder,
        List<String> fallbackUsers,
        List<GuardedDestination> guarded,
        List<RoutingRule> rules) {
    public static final Surroundings NONE = new Surroundings(Optional.empty(), List.of(), List.of(), List.of());

    public Surroundings {
        fallbackUsers = List.copyOf(fallbackUsers);
        guarded = List.copyOf(guarded);
        rules = List.copyOf(rules);
    }

    /** Why a destination is guarded. */
    public enum Guard {
        /** The tunnel's own remote. */
        REMOTE,
        API_SERVER,
        DEFAULT_GATEWAY
    }

    /**
     * An address that packets must go on going to as they do.
     *
     * @param route what a look-up of it finds now; empty = nothing
     */
    public record GuardedDestination(Guard guard, InetAddress address, Optional<MatchedRoute> route) {}

    /** The entry of a routing table that a look-up ended at. */
    public record MatchedRoute(int prefixLength, long table, long metric) {}

    /**
     * A rule of ip-rule(8) that leads to a table.
     *
     * @param conditional it is for some packets only
     */
    public record RoutingRule(long priority, long table, boolean conditional) {}
}
