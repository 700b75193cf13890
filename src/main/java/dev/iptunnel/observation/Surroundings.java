package dev.iptunnel.observation;

import dev.iptunnel.tunnel.IpPrefix;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;

/**
 * Everything else on the node that matters when a tunnel gets its endpoints, addresses or routes.
 *
 * @param holder another device of the driver that has the wanted endpoints
 * @param fallbackUses the uses of a device for all remotes whose packets the tunnel would take over
 * @param guarded destinations whose packets the tunnel must not take over
 * @param rules of the inner family that concern the node's own packets, in the order in which the kernel reads them; none without policy routing
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

    /** The surroundings of a tunnel that has its endpoints, addresses and routes: nothing else matters. */
    public static Surroundings ofFallback(List<FallbackUse> fallbackUses) {
        return fallbackUses.isEmpty() ? NONE : new Surroundings(Optional.empty(), fallbackUses, List.of(), List.of());
    }

    /** Why a destination is guarded. */
    public enum Guard {
        /** The tunnel's own remote. */
        REMOTE,
        /** The remote of another tunnel, which carries the outer packets of this one. */
        CARRIER,
        API_SERVER,
        DEFAULT_GATEWAY,
        /** The network that the node shares with its default gateway, or with the API server. */
        UPLINK,
        /** A network that the administrator listed. */
        PROTECTED,
        /** The network on the link of an interface that is no tunnel. */
        CONNECTED;

        /** Whether a tunnel that takes it over harms only itself, and no packets of the node. */
        public boolean isOfTunnel() {
            return this == REMOTE || this == CARRIER;
        }

        /** Whether a route that was there first is withdrawn because of it. */
        public boolean isWithdrawn() {
            return !isOfTunnel() && this != CONNECTED;
        }
    }

    /**
     * A destination whose packets the tunnel must not take over.
     *
     * @param device the name of the tunnel that has this remote, for {@link Guard#CARRIER}, or of the interface that has this
     *     network, for {@link Guard#CONNECTED}; otherwise empty
     * @param route the present route to it, without the tunnel's own routes; empty = none
     */
    public record GuardedDestination(Guard guard, IpPrefix destination, String device, Optional<MatchedRoute> route) {
        /** A single address. */
        public GuardedDestination(Guard guard, InetAddress address, Optional<MatchedRoute> route) {
            this(guard, IpPrefix.host(address), "", route);
        }
    }

    /** The entry of a routing table that a look-up found. */
    public record MatchedRoute(int prefixLength, long table, long metric) {}

    /**
     * A rule of ip-rule(8) that leads to a table.
     *
     * @param conditional whether it applies only to some of the packets that the node itself sends without a mark
     * @param suppressedLength it passes over routes with a prefix of at most so many bits; -1 where it uses every route
     */
    public record RoutingRule(long priority, long table, boolean conditional, int suppressedLength) {
        /** One that uses every route of the table. */
        public RoutingRule(long priority, long table, boolean conditional) {
            this(priority, table, conditional, -1);
        }

        /** Whether packets may take a route of that table whose prefix has so many bits. */
        public boolean uses(long routeTable, int prefixLength) {
            return table == routeTable && prefixLength > suppressedLength;
        }
    }
}
