package dev.iptunnel.kernel.examine;

import dev.iptunnel.diagnosis.LocalFacts;
import dev.iptunnel.diagnosis.WayFacts;
import dev.iptunnel.kernel.read.ObservedRoutes;
import dev.iptunnel.netlink.Rtnetlink;
import dev.iptunnel.netlink.link.Link;
import dev.iptunnel.netlink.message.AddressFamily;
import dev.iptunnel.netlink.route.Address;
import dev.iptunnel.netlink.route.Route;
import dev.iptunnel.netlink.route.RouteFilter;
import dev.iptunnel.netlink.route.RouteType;
import dev.iptunnel.netlink.route.Rule;
import dev.iptunnel.netlink.route.RuleAction;
import dev.iptunnel.observation.Observation.OuterPath;
import dev.iptunnel.tunnel.InnerRoute;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.TunnelParameters;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/** Looks up the way of a tunnel's outer packets, as its driver does, and without its bounds. */
final class OuterWay {
    /** The rules that the kernel makes: local, main, default. */
    private static final Set<Integer> OWN_RULES = Set.of(0, 32766, 32767);

    private final Rtnetlink rtnetlink;
    private final TunnelParameters tunnel;
    private final OuterPath path;
    private final OptionalInt oif;

    OuterWay(Rtnetlink rtnetlink, TunnelParameters tunnel, OuterPath path) {
        this.rtnetlink = rtnetlink;
        this.tunnel = tunnel;
        this.path = path;
        this.oif = tunnel.parent() == 0 ? OptionalInt.empty() : OptionalInt.of(tunnel.parent());
    }

    LocalFacts local() {
        Optional<Address> held = rtnetlink.addresses().stream()
                .filter(address -> address.address().equals(tunnel.local()))
                .findFirst();
        return new LocalFacts(
                path.localPresent(),
                held.map(address -> name(address.ifindex())),
                held.filter(address -> address.tentative() && !address.dadFailed())
                        .isPresent(),
                held.filter(Address::dadFailed).isPresent(),
                tunnel.remote().isAnyLocalAddress()
                        ? Optional.empty()
                        : rtnetlink.route(tunnel.remote(), oif).flatMap(Route::preferredSource));
    }

    /** Where the remote is any, or the packets leave through another network namespace, nothing is looked up. */
    WayFacts way(boolean elsewhere) {
        if (elsewhere || tunnel.remote().isAnyLocalAddress()) {
            return new WayFacts(
                    false,
                    path,
                    "none",
                    false,
                    "",
                    0,
                    Optional.empty(),
                    Optional.empty(),
                    List.of(),
                    OptionalInt.empty(),
                    false);
        }
        Optional<Route> route = route(oif).filter(OuterWay::leadsOn);
        List<Rule> rules =
                rtnetlink.rules(family()).stream().filter(OuterWay::isOfOthers).toList();
        long table = route.map(found -> Integer.toUnsignedLong(found.table())).orElse(0L);
        boolean decidedElsewhere =
                !rules.isEmpty() && table != InnerRoute.MAIN_TABLE && table != InnerRoute.LOCAL_TABLE;
        return new WayFacts(
                true,
                path,
                refused(),
                route.isPresent()
                        && oif.isPresent()
                        && rtnetlink.decision(tunnel.remote(), oif).route().isEmpty(),
                route.map(this::text).orElse(""),
                table,
                route(OptionalInt.empty()).filter(OuterWay::leadsOn).flatMap(this::device),
                decidedElsewhere ? mainRoute().map(this::text) : Optional.empty(),
                rules.stream().map(OuterWay::text).toList(),
                route.map(Route::mtu).orElse(OptionalInt.empty()),
                route.filter(Route::expires).isPresent());
    }

    private AddressFamily family() {
        return AddressFamily.of(tunnel.remote());
    }

    private Optional<Route> route(OptionalInt out) {
        return tunnel.local().isAnyLocalAddress() || !path.localPresent()
                ? rtnetlink.route(tunnel.remote(), out)
                : rtnetlink.routeFrom(tunnel.local(), tunnel.remote(), out);
    }

    private static boolean leadsOn(Route route) {
        return route.type() == RouteType.UNICAST || route.type() == RouteType.LOCAL;
    }

    private String refused() {
        RouteType type = rtnetlink.decision(tunnel.remote(), oif).type();
        return switch (type) {
            case BLACKHOLE, UNREACHABLE, PROHIBIT -> type.name().toLowerCase(Locale.ROOT);
            default -> "none";
        };
    }

    /** The rule for all VRFs names no table. */
    private static boolean isOfOthers(Rule rule) {
        return !OWN_RULES.contains(rule.priority()) && (rule.action() != RuleAction.TO_TABLE || rule.table() != 0);
    }

    /** The most specific route of the main table that the tunnel could use. */
    private Optional<Route> mainRoute() {
        return rtnetlink
                .routes(
                        RouteFilter.of(family()),
                        route -> Integer.toUnsignedLong(route.table()) == InnerRoute.MAIN_TABLE
                                && route.type() == RouteType.UNICAST
                                && (oif.isEmpty() || route.leadsOutOf(oif.getAsInt()))
                                && ObservedRoutes.destination(route).contains(tunnel.remote()))
                .stream()
                .max(Comparator.comparingInt(Route::prefixLength));
    }

    private static String text(Rule rule) {
        return Integer.toUnsignedString(rule.priority()) + ": "
                + (rule.action() == RuleAction.TO_TABLE
                        ? "lookup " + Integer.toUnsignedString(rule.table())
                        : rule.action().name().toLowerCase(Locale.ROOT));
    }

    private String text(Route route) {
        return (route.type() == RouteType.LOCAL ? "stays on the node " : "")
                + route.gateway()
                        .map(gateway -> "via " + IpFamily.format(gateway) + " ")
                        .orElse("")
                + "dev " + device(route).orElse("of several next hops");
    }

    private Optional<String> device(Route route) {
        return route.interfaces().boxed().findFirst().map(this::name);
    }

    private String name(int index) {
        return rtnetlink.link(index).map(Link::name).orElse("ifindex " + index);
    }
}
