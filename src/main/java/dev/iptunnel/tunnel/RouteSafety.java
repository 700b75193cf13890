package dev.iptunnel.tunnel;

import dev.iptunnel.tunnel.Surroundings.GuardedDestination;
import dev.iptunnel.tunnel.Surroundings.MatchedRoute;
import dev.iptunnel.tunnel.Surroundings.RoutingRule;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Refuses routes that would take the tunnel's own outer packets into the tunnel, or the node's way to the API server or
 * to its default gateway. Only rules without a condition count: policy routing may lead anything into a tunnel.
 */
final class RouteSafety {
    private static final long LOCAL_TABLE = 255;
    private static final long IPV6_CONNECTED_METRIC = 256;
    private static final List<RoutingRule> WITHOUT_POLICY_ROUTING =
            List.of(new RoutingRule(0, LOCAL_TABLE, false), new RoutingRule(32766, InnerRoute.MAIN_TABLE, false));

    private final DesiredTunnel desired;
    private final Surroundings surroundings;
    private final List<RoutingRule> rules;

    RouteSafety(DesiredTunnel desired, Surroundings surroundings) {
        this.desired = desired;
        this.surroundings = surroundings;
        this.rules = surroundings.rules().isEmpty() ? WITHOUT_POLICY_ROUTING : surroundings.rules();
    }

    Optional<Refusal> refuse(InnerRoute route) {
        return refuse(List.of(route), "route " + route.destination() + " (spec.routes)");
    }

    /** The kernel makes two routes of an address: to itself, and to its network. */
    Optional<Refusal> refuse(InnerAddress address) {
        IpFamily family = IpFamily.of(address.address());
        IpPrefix itself = new IpPrefix(address.address(), family.bits());
        long metric = family == IpFamily.IPV6 ? IPV6_CONNECTED_METRIC : 0;
        return refuse(
                List.of(
                        new InnerRoute(itself, Optional.empty(), LOCAL_TABLE, 0),
                        new InnerRoute(address.network(), Optional.empty(), InnerRoute.MAIN_TABLE, metric)),
                "address " + address + " (spec.addresses)");
    }

    private Optional<Refusal> refuse(List<InnerRoute> routes, String what) {
        return surroundings.guarded().stream()
                .filter(guarded -> routes.stream().anyMatch(route -> takesOver(route, guarded)))
                .flatMap(guarded -> refusal(guarded, what).stream())
                .findFirst();
    }

    private boolean takesOver(InnerRoute route, GuardedDestination guarded) {
        return route.destination().contains(guarded.address())
                && guarded.route().map(now -> isPreferred(route, now)).orElseGet(() -> priority(
                                route.table(), rule -> !rule.conditional())
                        .isPresent());
    }

    private boolean isPreferred(InnerRoute route, MatchedRoute now) {
        if (route.table() == now.table()) {
            int length = route.destination().length();
            return length > now.prefixLength() || (length == now.prefixLength() && route.kernelMetric() < now.metric());
        }
        OptionalLong routes = priority(route.table(), rule -> !rule.conditional());
        OptionalLong nows = priority(now.table(), _ -> true);
        return routes.isPresent() && nows.isPresent() && routes.getAsLong() < nows.getAsLong();
    }

    private OptionalLong priority(long table, Predicate<RoutingRule> which) {
        Stream<RoutingRule> leading =
                rules.stream().filter(rule -> rule.table() == table).filter(which);
        return leading.mapToLong(RoutingRule::priority).min();
    }

    private Optional<Refusal> refusal(GuardedDestination guarded, String what) {
        String address = IpFamily.format(guarded.address());
        return switch (guarded.guard()) {
            case REMOTE ->
                Optional.of(new Refusal(
                        Reason.ROUTE_LOOP,
                        what + " would send the tunnel's own packets to " + address + " (spec.remote) into the tunnel;"
                                + " give the node a more specific route to " + address + ", or set spec.parent"));
            case API_SERVER -> isolation(what + " would send what the node sends to the API server (" + address + ")");
            case DEFAULT_GATEWAY ->
                isolation(what + " would send what the node sends to its default gateway (" + address + ")");
        };
    }

    private Optional<Refusal> isolation(String what) {
        return desired.allowIsolation()
                ? Optional.empty()
                : Optional.of(
                        new Refusal(
                                Reason.ROUTE_WOULD_ISOLATE_NODE,
                                what
                                        + " into the tunnel; narrow it or write another, or, if that is meant, set spec.allowIsolation: true"));
    }
}
