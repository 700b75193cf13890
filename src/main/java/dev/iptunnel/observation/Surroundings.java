package dev.iptunnel.observation;

import dev.iptunnel.tunnel.IpPrefix;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;

/**
 * What else is on the node that a tunnel meets when it takes its endpoints, or gets addresses or routes.
 *
 * @param holder another device of the driver with the endpoints that are wanted
 * @param fallbackUses the packets that the tunnel would take over from a device for all remotes
 * @param guarded where packets must go on going as they do
 * @param rules of the inner family, in the order in which the kernel goes through them; none without policy routing
 */
public record Surroundings(
        Optional<ObservedLink> holder,
        List<FallbackUse> fallbackUses,
        List<GuardedDestination> guarded,
        List<RoutingRule> rules) {
    public static final Surroundings NONE = new Surroundings(Optional.empty(), List.of(), List.of(), List.of());

    public Surroundings {
        fallbackUses = List.copyOf(fallbackUses);
        guarded = List.copyOf(guarded);
        rules = List.copyOf(rules);
    }

    /** Of a tunnel that has its endpoints, addresses and routes: nothing else concerns it. */
    public static Surroundings ofFallback(List<FallbackUse> fallbackUses) {
        return fallbackUses.isEmpty() ? NONE : new Surroundings(Optional.empty(), fallbackUses, List.of(), List.of());
    }

    /** Why a destination is guarded. */
    public enum Guard {
        /** The tunnel's own remote. */
        REMOTE,
        /** The remote of another tunnel, by which this one's outer packets leave. */
        CARRIER,
        API_SERVER,
        DEFAULT_GATEWAY,
        /** The network that the node shares with its default gateway, or with the API server. */
        UPLINK,
        /** A network that the administrator listed. */
        PROTECTED;

        /** Whether a tunnel that takes it over harms itself alone, and no packets of the node. */
        public boolean isOfTunnel() {
            return this == REMOTE || this == CARRIER;
        }
    }

    /**
     * Addresses that packets must go on going to as they do.
     *
     * @param carrier the name of the tunnel whose remote it is, for {@link Guard#CARRIER}; else empty
     * @param route what leads there, but for the tunnel's own routes; empty = nothing
     */
    public record GuardedDestination(Guard guard, IpPrefix destination, String carrier, Optional<MatchedRoute> route) {
        /** A single address. */
        public GuardedDestination(Guard guard, InetAddress address, Optional<MatchedRoute> route) {
            this(guard, IpPrefix.host(address), "", route);
        }
    }

    /** The entry of a routing table that a look-up ended at. */
    public record MatchedRoute(int prefixLength, long table, long metric) {}

    /**
     * A rule of ip-rule(8) that leads to a table.
     *
     * @param conditional it is for some packets only
     */
    public record RoutingRule(long priority, long table, boolean conditional) {}
}
