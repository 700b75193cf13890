package dev.iptunnel.planner;

import dev.iptunnel.observation.Surroundings;
import dev.iptunnel.observation.Surroundings.GuardedDestination;
import dev.iptunnel.observation.Surroundings.MatchedRoute;
import dev.iptunnel.observation.Surroundings.RoutingRule;
import dev.iptunnel.plan.Reason;
import dev.iptunnel.plan.Refusal;
import dev.iptunnel.tunnel.DesiredTunnel;
import dev.iptunnel.tunnel.InnerAddress;
import dev.iptunnel.tunnel.InnerRoute;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.IpPrefix;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Predicate;

/**
 * Refuses routes that would send the tunnel's own outer packets into the tunnel, or the node's packets to the API server, to
 * a default gateway, or to a protected network. A route as specific as the present one with the same metric is refused too:
 * the kernel's choice between the two changes when an uplink goes down and up. Only rules without a condition count for the
 * new route, because policy routing may send anything into a tunnel.
 */
final class RouteSafety {
    private static final List<RoutingRule> WITHOUT_POLICY_ROUTING = List.of(
            new RoutingRule(0, InnerRoute.LOCAL_TABLE, false), new RoutingRule(32766, InnerRoute.MAIN_TABLE, false));

    private final DesiredTunnel desired;
    private final Surroundings surroundings;
    private final List<RoutingRule> rules;
    private final OptionalLong vrfTable;

    /**
     * @param vrfTable the table of the interface's VRF, present or future; the node looks up none of its own packets in it
     */
    RouteSafety(DesiredTunnel desired, Surroundings surroundings, OptionalLong vrfTable) {
        this.desired = desired;
        this.vrfTable = vrfTable;
        this.surroundings = surroundings;
        this.rules = surroundings.rules().isEmpty() ? WITHOUT_POLICY_ROUTING : surroundings.rules();
    }

    /** Why the route is not added; empty if it is safe. */
    Optional<Refusal> refuse(InnerRoute route) {
        return refuse(List.of(route), "route " + route.destination() + " (spec.routes)");
    }

    /** Why the address is not added, because of the routes that the kernel adds for it; empty if it is safe. */
    Optional<Refusal> refuse(InnerAddress address) {
        return refuse(routesOf(address), "address " + address + " (spec.addresses)");
    }

    private Optional<Refusal> refuse(List<InnerRoute> routes, String what) {
        return surroundings.guarded().stream()
                .filter(guarded -> takesOver(routes, guarded))
                .flatMap(guarded -> refusal(guarded, what).stream())
                .findFirst();
    }

    /** Whether an existing route harms the node now: without it, another route leads to the destination. */
    boolean isHarmful(InnerRoute route) {
        return isHarmful(List.of(route));
    }

    /** Whether an existing address harms the node now, by its routes. */
    boolean isHarmful(InnerAddress address) {
        return isHarmful(routesOf(address));
    }

    /** In a VRF, all of them are in its table, also the local ones. */
    private List<InnerRoute> routesOf(InnerAddress address) {
        return address.routes().stream()
                .map(route -> vrfTable.isPresent()
                        ? new InnerRoute(route.destination(), route.gateway(), vrfTable.getAsLong(), route.metric())
                        : route)
                .toList();
    }

    private boolean isHarmful(List<InnerRoute> routes) {
        return !desired.allowIsolation()
                && surroundings.guarded().stream()
                        .filter(guarded ->
                                guarded.guard().isWithdrawn() && guarded.route().isPresent())
                        .anyMatch(guarded -> takesOver(routes, guarded));
    }

    private boolean takesOver(List<InnerRoute> routes, GuardedDestination guarded) {
        return routes.stream()
                .filter(route -> route.destination().covers(guarded.destination()))
                .anyMatch(route -> wouldTakeOver(route, guarded.route()));
    }

    /** Whether the kernel would use the route instead of the present one, or might use it. */
    private boolean wouldTakeOver(InnerRoute route, Optional<MatchedRoute> present) {
        if (present.isEmpty()) {
            return firstRuleForAll(route).isPresent();
        }
        MatchedRoute now = present.get();
        return route.table() == now.table() ? isAsSpecific(route, now) : isFoundBefore(route, now);
    }

    private static boolean isAsSpecific(InnerRoute route, MatchedRoute now) {
        int length = route.destination().length();
        return length > now.prefixLength() || (length == now.prefixLength() && route.kernelMetric() <= now.metric());
    }

    /** Whether the rules lead every packet to the first before the second. */
    private boolean isFoundBefore(InnerRoute route, MatchedRoute now) {
        OptionalLong first = firstRuleForAll(route);
        OptionalLong second = priorityOfFirst(rule -> rule.uses(now.table(), now.prefixLength()));
        return first.isPresent() && second.isPresent() && first.getAsLong() < second.getAsLong();
    }

    private OptionalLong firstRuleForAll(InnerRoute route) {
        return priorityOfFirst(
                rule -> rule.uses(route.table(), route.destination().length()) && !rule.conditional());
    }

    private OptionalLong priorityOfFirst(Predicate<RoutingRule> which) {
        return rules.stream().filter(which).mapToLong(RoutingRule::priority).min();
    }

    private Optional<Refusal> refusal(GuardedDestination guarded, String what) {
        IpPrefix destination = guarded.destination();
        String text = destination.isHost() ? IpFamily.format(destination.address()) : destination.toString();
        return switch (guarded.guard()) {
            case REMOTE ->
                Optional.of(new Refusal(
                        Reason.ROUTE_LOOP,
                        what + " would send the tunnel's own packets to " + text + " (spec.remote) into the tunnel;"
                                + " give the node a more specific route to " + text
                                + (desired.mode().outer() == IpFamily.IPV4 ? ", or set spec.parent" : "")));
            case CARRIER ->
                Optional.of(new Refusal(
                        Reason.ROUTE_LOOP,
                        what + " would send the packets of interface " + guarded.device() + " to " + text
                                + ", which carry the tunnel's own packets, into the tunnel; give the node a more specific"
                                + " route to " + text + ", or to " + IpFamily.format(desired.remote())
                                + " (spec.remote)"));
            case API_SERVER -> isolation(what + " would send the node's packets to the API server (" + text + ")");
            case DEFAULT_GATEWAY ->
                isolation(what + " would send the node's packets to its default gateway (" + text + ")");
            case UPLINK ->
                isolation(what + " would send the node's packets to the network of its uplink (" + text + ")");
            case CONNECTED ->
                isolation(what + " would send the node's packets to the network of interface " + guarded.device() + " ("
                        + text + ")");
            case PROTECTED ->
                isolation(what + " would send the node's packets to a protected network (" + text
                        + ", of the agent's --protected-networks)");
        };
    }

    private Optional<Refusal> isolation(String what) {
        return desired.allowIsolation()
                ? Optional.empty()
                : Optional.of(new Refusal(
                        Reason.ROUTE_WOULD_ISOLATE_NODE,
                        what + " into the tunnel; write another or a narrower one, or, if this is intended,"
                                + " set spec.allowIsolation: true"));
    }
}
