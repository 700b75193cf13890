package dev.iptunnel.kernel.read;

import dev.iptunnel.netlink.Rtnetlink;
import dev.iptunnel.netlink.message.AddressFamily;
import dev.iptunnel.netlink.route.Route;
import dev.iptunnel.netlink.route.RouteDecision;
import dev.iptunnel.netlink.route.RouteType;
import dev.iptunnel.netlink.route.Rule;
import dev.iptunnel.netlink.route.RuleAction;
import dev.iptunnel.observation.Detour;
import dev.iptunnel.observation.NodeLookup.DetourQuery;
import dev.iptunnel.tunnel.InnerRoute;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.IpPrefix;
import java.net.InetAddress;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Finds packets to a tunnel's destinations that do not take the tunnel.
 *
 * <p>For example, a tunnel has the route 10.1.0.0/16 in table main, which the rule of priority 32766 looks up. Packets miss it
 * if there is 10.1.2.0/24 of another program in the same table, or 10.1.0.0/16 in a table that a rule of a smaller priority
 * looks up.
 *
 * <p>Where every packet of the node is looked up in the table of the tunnel's route, the kernel is asked about single
 * addresses: the last one of the destination, and one of the destination, of each foreign route, and of each rule's
 * network, within the destination, that no smaller network contains. Where a rule has only some packets looked up in the table, and for default routes,
 * the routes of the table are compared instead.
 */
public final class DetourSearch {
    /** Look-ups for one destination. */
    private static final int MOST_PROBES = 64;

    /** Further look-ups for one network. */
    private static final int MOST_TRIES = 3;

    /** The any addresses, which the kernel refuses, and multicast. */
    private static final List<IpPrefix> NEVER_ASKED = List.of(
            IpPrefix.host(IpFamily.IPV4.any()),
            IpPrefix.parse(IpFamily.IPV4, "224.0.0.0/4"),
            IpPrefix.host(IpFamily.IPV6.any()),
            IpPrefix.parse(IpFamily.IPV6, "ff00::/8"));

    /** Prefixes so short, a default route or a half of one, are not looked up: the kernel refuses the any address. */
    private static final int NO_PROBES = 1;

    private static final int MAIN = 254;
    private static final Set<RouteType> DROPPING =
            EnumSet.of(RouteType.BLACKHOLE, RouteType.UNREACHABLE, RouteType.PROHIBIT);

    private final Rtnetlink rtnetlink;
    private final DetourText text;

    public DetourSearch(Rtnetlink rtnetlink, KernelReads reads) {
        this.rtnetlink = rtnetlink;
        this.text = new DetourText(reads);
    }

    /**
     * The packets to the destinations that do not take the tunnel.
     *
     * @param foreign routes within the destinations, of other programs
     */
    public List<Detour> detours(DetourQuery query, Collection<Route> foreign) {
        if (query.routes().isEmpty()) {
            return List.of();
        }
        AddressFamily family =
                AddressFamily.of(query.routes().getFirst().destination().address());
        List<Rule> rules = rtnetlink.rules(family);
        Set<Found> found = new LinkedHashSet<>();
        for (InnerRoute wanted : query.routes()) {
            List<Route> within = foreign.stream()
                    .filter(route -> ForeignRoutes.isWithin(wanted.destination(), ObservedRoutes.destination(route)))
                    .sorted(Comparator.comparingInt(Route::prefixLength))
                    .toList();
            OptionalLong priority = priority(query, wanted, rules);
            if (priority.isPresent() && wanted.destination().length() > NO_PROBES) {
                new Probes(query, wanted, within, rules, priority.getAsLong()).into(found);
            } else {
                inTable(query, wanted, within).forEach(found::add);
            }
        }
        return withoutAddressesOfNetworks(found);
    }

    /** A route, and what it does to packets. */
    private record Found(IpPrefix packets, RouteType type, Optional<Route> route, Detour detour) {}

    /** Leaves out an address of the node where the route to its network is found as well. */
    private static List<Detour> withoutAddressesOfNetworks(Set<Found> all) {
        return all.stream()
                .filter(one -> one.type() != RouteType.LOCAL
                        || all.stream()
                                .noneMatch(other -> other.type() == RouteType.UNICAST
                                        && other.packets().covers(one.packets())
                                        && other.route()
                                                .map(Route::oif)
                                                .equals(one.route().map(Route::oif))))
                .map(Found::detour)
                .distinct()
                .toList();
    }

    /** The priority of the first rule that has every packet looked up in the table; for a VRF, every packet of the VRF. */
    private static OptionalLong priority(DetourQuery query, InnerRoute wanted, List<Rule> rules) {
        if (query.vrfTable().isPresent()) {
            return query.vrfTable().getAsLong() == wanted.table() ? priorityOf(0, rules, true) : OptionalLong.empty();
        }
        return rules.isEmpty() && wanted.table() == MAIN
                ? OptionalLong.of(0)
                : priorityOf(wanted.table(), rules, false);
    }

    /** Table 0 finds the rule for all VRFs, which names no table. */
    private static OptionalLong priorityOf(long table, List<Rule> rules, boolean selective) {
        return rules.stream()
                .filter(rule -> rule.action() == RuleAction.TO_TABLE && (selective || !rule.selective()))
                .filter(rule -> Integer.toUnsignedLong(rule.table()) == table)
                .mapToLong(rule -> Integer.toUnsignedLong(rule.priority()))
                .min();
    }

    /** Without a look-up, since no packet is known for which the rules would use the table. */
    private Stream<Found> inTable(DetourQuery query, InnerRoute wanted, List<Route> within) {
        return within.stream()
                .filter(route -> Integer.toUnsignedLong(route.table()) == wanted.table())
                .filter(route -> route.type() != RouteType.THROW && !text.isOfTunnels(query, route))
                .filter(route -> route.prefixLength() > wanted.destination().length()
                        || Integer.toUnsignedLong(route.metric().orElse(0)) < wanted.kernelMetric())
                .limit(MOST_PROBES)
                .map(route -> found(route.type(), route, wanted));
    }

    private Found found(RouteType type, Route route, InnerRoute wanted) {
        IpPrefix destination = ObservedRoutes.destination(route);
        IpPrefix packets = destination.length() < wanted.destination().length() ? wanted.destination() : destination;
        return new Found(
                packets,
                type,
                Optional.of(route),
                new Detour(packets, text.route(route, wanted.table()), text.effect(route)));
    }

    /** The look-ups for one destination. */
    private final class Probes {
        private final DetourQuery query;
        private final InnerRoute wanted;
        private final List<Route> within;
        private final List<Rule> rules;
        private final long priority;

        Probes(DetourQuery query, InnerRoute wanted, List<Route> within, List<Rule> rules, long priority) {
            this.query = query;
            this.wanted = wanted;
            this.within = within;
            this.rules = rules;
            this.priority = priority;
        }

        void into(Set<Found> found) {
            Deque<Target> targets = targets();
            Map<InetAddress, RouteDecision> asked = new HashMap<>();
            while (!targets.isEmpty() && asked.size() < MOST_PROBES) {
                Target target = targets.removeFirst();
                InetAddress address = target.address();
                RouteDecision decision = asked.computeIfAbsent(address, this::ask);
                decided(decision, address).ifPresent(found::add);
                target.beside(decision).ifPresent(targets::addLast);
            }
        }

        private Deque<Target> targets() {
            IpPrefix destination = wanted.destination();
            List<IpPrefix> foreign =
                    within.stream().map(ObservedRoutes::destination).distinct().toList();
            List<IpPrefix> known = Stream.of(
                            foreign.stream(),
                            rulesWithin(),
                            query.routes().stream().map(InnerRoute::destination),
                            NEVER_ASKED.stream())
                    .flatMap(networks -> networks)
                    .distinct()
                    .toList();
            return Stream.of(Stream.of(destination, IpPrefix.host(destination.last())), rulesWithin(), foreign.stream())
                    .flatMap(networks -> networks)
                    .filter(network -> network.firstOutside(NEVER_ASKED).isPresent())
                    .distinct()
                    .map(network -> Target.of(network, known))
                    .collect(Collectors.toCollection(ArrayDeque::new));
        }

        private RouteDecision ask(InetAddress address) {
            return rtnetlink.decision(address, query.vrf());
        }

        private Stream<IpPrefix> rulesWithin() {
            return rules.stream()
                    .flatMap(rule -> rule.destination().stream()
                            .map(address -> new IpPrefix(address, rule.destinationLength()).network()))
                    .filter(wanted.destination()::covers);
        }

        private Optional<Found> decided(RouteDecision decision, InetAddress address) {
            return decision.route()
                    .map(route ->
                            isDetour(route) ? Optional.of(found(route.type(), route, wanted)) : Optional.<Found>empty())
                    .orElseGet(() -> dropped(decision.type(), address));
        }

        private boolean isDetour(Route route) {
            boolean decides = route.type() == RouteType.UNICAST
                    || route.type() == RouteType.LOCAL
                    || DROPPING.contains(route.type());
            return decides && !text.isOfTunnels(query, route) && comesBefore(route);
        }

        /**
         * Whether it decides although the tunnel's own route exists: in the same table by a prefix that is not shorter, in
         * another one because a rule looks that up first, or because a throw route ends the look-up in the tunnel's table.
         */
        private boolean comesBefore(Route route) {
            long table = Integer.toUnsignedLong(route.table());
            if (table == wanted.table()) {
                return route.prefixLength() >= wanted.destination().length();
            }
            boolean passedOn = within.stream()
                    .anyMatch(other ->
                            other.type() == RouteType.THROW && Integer.toUnsignedLong(other.table()) == wanted.table());
            OptionalLong first = priorityOf(table, rules, true);
            return passedOn || (first.isPresent() && first.getAsLong() < priority);
        }

        /**
         * The packets are dropped by a known route, or else by a rule. There is no route for them if a throw route ends the
         * look-up in the tunnel's table and no later table has one.
         */
        private Optional<Found> dropped(RouteType type, InetAddress address) {
            if (type == RouteType.UNSPEC) {
                return known(RouteType.THROW, address)
                        .filter(route -> Integer.toUnsignedLong(route.table()) == wanted.table())
                        .map(route -> found(RouteType.THROW, route, wanted));
            }
            return DROPPING.contains(type)
                    ? Optional.of(known(type, address)
                            .map(route -> found(type, route, wanted))
                            .orElseGet(() -> byRule(type, address)))
                    : Optional.empty();
        }

        private Optional<Route> known(RouteType type, InetAddress address) {
            return within.stream()
                    .filter(route -> route.type() == type
                            && ObservedRoutes.destination(route).contains(address))
                    .max(Comparator.comparingInt(Route::prefixLength));
        }

        private Found byRule(RouteType type, InetAddress address) {
            IpPrefix packets = rulesWithin()
                    .filter(network -> network.contains(address))
                    .max(Comparator.comparingInt(IpPrefix::length))
                    .orElse(wanted.destination());
            return new Found(
                    packets,
                    type,
                    Optional.empty(),
                    new Detour(packets, DetourText.word(type) + " " + packets + " of a rule", DetourText.effect(type)));
        }
    }

    /**
     * A network of which one address is asked about: the first one without a route to a smaller network, or else the
     * first one.
     *
     * @param smaller networks within it that may take another way
     * @param tries how often another address may be asked about, because the answer is about a smaller network
     */
    private record Target(IpPrefix network, Set<IpPrefix> smaller, int tries) {
        static Target of(IpPrefix network, List<IpPrefix> known) {
            return new Target(
                    network,
                    known.stream()
                            .filter(other -> other.length() > network.length() && network.covers(other))
                            .collect(Collectors.toSet()),
                    MOST_TRIES);
        }

        InetAddress address() {
            return network.firstOutside(smaller)
                    .or(() -> network.firstOutside(NEVER_ASKED))
                    .orElseThrow();
        }

        /** The same without the smaller network that the decision is about. */
        Optional<Target> beside(RouteDecision decision) {
            return decision.route()
                    .map(ObservedRoutes::destination)
                    .filter(decided -> tries > 0 && decided.length() > network.length() && !smaller.contains(decided))
                    .map(decided -> new Target(
                            network,
                            Stream.concat(smaller.stream(), Stream.of(decided)).collect(Collectors.toSet()),
                            tries - 1))
                    .filter(target ->
                            target.network.firstOutside(target.smaller).isPresent());
        }
    }
}
