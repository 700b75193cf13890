package dev.iptunnel.agent;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import dev.iptunnel.agent.spec.SpecReader;
import dev.iptunnel.api.v1alpha1.IpTunnel;
import dev.iptunnel.observation.Detour;
import dev.iptunnel.observation.FallbackUse;
import dev.iptunnel.observation.Inet6Setting;
import dev.iptunnel.observation.InetSettings;
import dev.iptunnel.observation.Master;
import dev.iptunnel.observation.NodeLookup;
import dev.iptunnel.observation.Observation;
import dev.iptunnel.observation.ObservedAddress;
import dev.iptunnel.observation.ObservedAddress.AddressFlag;
import dev.iptunnel.observation.ObservedLink;
import dev.iptunnel.observation.ObservedLink.UnmanagedSetting;
import dev.iptunnel.observation.ObservedRoute;
import dev.iptunnel.observation.RouteDetails;
import dev.iptunnel.observation.Surroundings;
import dev.iptunnel.observation.Surroundings.Guard;
import dev.iptunnel.observation.Surroundings.GuardedDestination;
import dev.iptunnel.observation.Surroundings.MatchedRoute;
import dev.iptunnel.observation.Surroundings.RoutingRule;
import dev.iptunnel.observation.TunnelObserver;
import dev.iptunnel.planner.Claims;
import dev.iptunnel.planner.ListedClaims;
import dev.iptunnel.planner.SimulatedNode;
import dev.iptunnel.tunnel.BirthGroup;
import dev.iptunnel.tunnel.DesiredTunnel;
import dev.iptunnel.tunnel.Endpoints;
import dev.iptunnel.tunnel.InnerRoute;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.IpPrefix;
import dev.iptunnel.tunnel.Mark;
import dev.iptunnel.tunnel.TunnelMode;
import dev.iptunnel.tunnel.TunnelParameters;
import java.net.InetAddress;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The section {@code observed} of a scenario: what a node's kernel holds.
 *
 * @param guarded addresses that no route may take over, and the routes to them
 * @param fallbackUsers who exchanges packets with the remote by the fallback device
 * @param otherTunnels further IpTunnels of the node
 * @param nodeAddresses what localFrom of type NodeAddress gives
 * @param masters the VRFs, {@code NAME TABLE}, and interfaces that are none, {@code NAME}
 * @param renamesUp as kernels do since Linux 6.2, unless it is false
 * @param setsInet6Conf whether the settings of IPv6 can be written, unless it is false
 * @param routeBy the interface that outer packets leave by; absent = no route
 */
record ObservedNode(
        List<Interface> links,
        @Nullable String routeBy,
        List<Guarded> guarded,
        List<String> fallbackUsers,
        List<IpTunnel> otherTunnels,
        List<String> nodeAddresses,
        List<String> masters,
        @Nullable Boolean renamesUp,
        @Nullable Boolean setsInet6Conf) {
    private static final ObjectMapper YAML =
            new ObjectMapper(new YAMLFactory().enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION));

    private static final List<RoutingRule> RULES = List.of(
            new RoutingRule(0, 255, false), new RoutingRule(32766, 254, false), new RoutingRule(32767, 253, false));

    ObservedNode(
            @Nullable List<Interface> links,
            @Nullable String routeBy,
            @Nullable List<Guarded> guarded,
            @Nullable List<String> fallbackUsers,
            @Nullable List<IpTunnel> otherTunnels,
            @Nullable List<String> nodeAddresses,
            @Nullable List<String> masters,
            @Nullable Boolean renamesUp,
            @Nullable Boolean setsInet6Conf) {
        this.links = Objects.requireNonNullElse(links, List.of());
        this.routeBy = routeBy;
        this.guarded = Objects.requireNonNullElse(guarded, List.of());
        this.fallbackUsers = Objects.requireNonNullElse(fallbackUsers, List.of());
        this.otherTunnels = Objects.requireNonNullElse(otherTunnels, List.of());
        this.nodeAddresses = Objects.requireNonNullElse(nodeAddresses, List.of());
        this.masters = Objects.requireNonNullElse(masters, List.of());
        this.renamesUp = renamesUp;
        this.setsInet6Conf = setsInet6Conf;
    }

    static ObservedNode of(String yaml) throws JsonProcessingException {
        return YAML.readValue(yaml, ObservedNode.class);
    }

    /** Reads it as the kernel layer does. */
    Observation about(DesiredTunnel desired) {
        return new TunnelObserver(new Lookup(this)).observe(desired);
    }

    private record Lookup(ObservedNode node) implements NodeLookup {
        @Override
        public Optional<NodeLink> link(String name) {
            return node.all()
                    .filter(link -> link.name().equals(name))
                    .findFirst()
                    .map(Found::new);
        }

        @Override
        public Optional<NodeLink> link(int index) {
            return node.all().filter(link -> link.index() == index).findFirst().map(Found::new);
        }

        @Override
        public Stream<NodeLink> tunnelsOf(Mark object) {
            return node.all()
                    .filter(link -> link.tunnel().isPresent() && !link.isFallback())
                    .filter(link -> link.mark()
                            .filter(mark -> mark.isOfSameName(object))
                            .isPresent())
                    .map(Found::new);
        }

        @Override
        public OuterRoute outerRoute(OuterQuery query) {
            OptionalInt device = query.remote().isAnyLocalAddress() || node.routeBy() == null
                    ? OptionalInt.empty()
                    : link(node.routeBy()).stream()
                            .mapToInt(found -> found.link().index())
                            .findFirst();
            return new OuterRoute(device, true, Optional.empty(), Optional.empty());
        }

        @Override
        public List<FallbackUse> fallbackUses(Endpoints endpoints) {
            return node.fallbackUsers().stream().map(ObservedNode::fallbackUse).toList();
        }

        @Override
        public List<Detour> detours(DetourQuery query) {
            return List.of();
        }

        @Override
        public Surroundings surroundings(DesiredTunnel desired, TunnelParameters wanted, Observation observed) {
            Optional<ObservedLink> holder = node.all()
                    .filter(link -> !observed.isOwn(link))
                    .filter(link ->
                            link.tunnel().map(TunnelParameters::endpoints).equals(Optional.of(wanted.endpoints())))
                    .findFirst();
            return new Surroundings(
                    holder,
                    fallbackUses(wanted.endpoints()),
                    node.guarded().stream().map(Guarded::destination).toList(),
                    RULES);
        }

        @Override
        public boolean isEndangeredBy(DesiredTunnel desired, Observation observed) {
            return false;
        }

        @Override
        public Optional<Master> master(String name) {
            return node.masters().stream()
                    .map(ObservedNode::masterOf)
                    .filter(master -> master.name().equals(name))
                    .findFirst();
        }

        @Override
        public boolean renamesUp() {
            return !Boolean.FALSE.equals(node.renamesUp());
        }

        @Override
        public boolean setsInet6Conf() {
            return !Boolean.FALSE.equals(node.setsInet6Conf());
        }
    }

    /** All of it is known. */
    private record Found(ObservedLink link) implements NodeLookup.NodeLink {
        @Override
        public Set<String> names() {
            return Set.of(link.name());
        }

        @Override
        public boolean sendsElsewhere() {
            return false;
        }

        @Override
        public ObservedLink withAddresses() {
            return link;
        }

        @Override
        public ObservedLink inFull(Set<IpFamily> families) {
            return link;
        }
    }

    private static Master masterOf(String text) {
        String[] words = text.split(" ", -1);
        return words.length == 2
                ? new Master(words[0].hashCode(), words[0], "vrf", OptionalLong.of(Long.parseLong(words[1])), true)
                : new Master(words[0].hashCode(), words[0], "dummy", OptionalLong.empty(), true);
    }

    /** {@code external NAME}, or a route as ip-route(8) prints it. */
    private static FallbackUse fallbackUse(String text) {
        List<String> words = List.of(text.split(" ", -1));
        return words.getFirst().equals("external")
                ? new FallbackUse.External(words.get(1))
                : new FallbackUse.ByRoute(
                        IpPrefix.parse(family(text), words.getFirst()),
                        Optional.of(family(text).parse(words.get(words.indexOf("via") + 1))),
                        words.get(words.indexOf("dev") + 1));
    }

    /** The mark of the agent on this node. */
    SpecReader reader(String manager) {
        return new SpecReader(
                manager,
                nodeAddresses.stream()
                        .map(address -> family(address).parse(address))
                        .toList());
    }

    Claims claims(SpecReader reader) {
        return ListedClaims.of(otherTunnels.stream().map(reader::read).toList());
    }

    private static IpFamily family(String text) {
        return text.contains(".") ? IpFamily.IPV4 : IpFamily.IPV6;
    }

    private Stream<ObservedLink> all() {
        return links.stream().map(Interface::link);
    }

    /** @param via the prefix length of the route to it, of the main table; absent = none */
    record Guarded(Guard guard, String address, @Nullable Integer via, long metric) {
        GuardedDestination destination() {
            return new GuardedDestination(
                    guard,
                    family(address).parse(address),
                    Optional.ofNullable(via).map(length -> new MatchedRoute(length, 254, metric)));
        }
    }

    /**
     * @param unmanaged settings that a change takes off; {@code lasting} ones it does not
     * @param addresses with our protocol number, {@code secondaryAddresses} too
     * @param foreignAddresses with another, or none; {@code secondary}, {@code tentative} and the like stand before it
     * @param routes with our protocol number, as ip-route(8) prints them: {@code from}, {@code tos}, {@code src} among
     *     it, and last what else there is to them
     * @param lostRoutes destinations that the addresses brought routes to, and that are there no more
     * @param vrf the VRF that it is a port of, {@code NAME TABLE}
     * @param trusting its settings below {@code net.ipv6.conf} that are not 0
     * @param halfBornOf the manager whose agent made it, and did not mark it
     */
    record Interface(
            int index,
            String name,
            @Nullable String alias,
            boolean up,
            int mtu,
            @Nullable Tunnel tunnel,
            @Nullable List<String> unmanaged,
            @Nullable List<String> lasting,
            @Nullable Integer reversePathFilter,
            @Nullable List<String> addresses,
            @Nullable List<String> secondaryAddresses,
            @Nullable List<String> foreignAddresses,
            @Nullable List<String> routes,
            @Nullable List<String> foreignRoutes,
            @Nullable String halfBornOf,
            @Nullable List<String> lostRoutes,
            @Nullable String vrf,
            @Nullable List<String> trusting) {

        ObservedLink link() {
            Set<String> lost = Set.copyOf(Objects.requireNonNullElse(lostRoutes, List.of()));
            ObservedLink whole = SimulatedNode.withConnectedRoutes(
                    bare().toBuilder().master(master()).settings(settings()).build());
            return whole.toBuilder()
                    .routes(whole.routes().stream()
                            .filter(route ->
                                    !lost.contains(route.details().kind().name().toLowerCase(Locale.ROOT) + " "
                                            + route.route().destination()))
                            .toList())
                    .build();
        }

        private InetSettings settings() {
            Set<Inet6Setting> settings = Stream.of(Inet6Setting.values())
                    .filter(setting -> each(trusting).anyMatch(setting.toString()::equals))
                    .collect(Collectors.toSet());
            return new InetSettings(OptionalInt.of(0), false, settings.contains(Inet6Setting.ACCEPT_RA), settings);
        }

        private Optional<Master> master() {
            return Optional.ofNullable(vrf).map(ObservedNode::masterOf);
        }

        private ObservedLink bare() {
            String state = tunnel == null ? "UP" : "UNKNOWN";
            return ObservedLink.builder(index, name)
                    .alias(Objects.requireNonNullElse(alias, ""))
                    .up(up)
                    .operState(up ? state : "DOWN")
                    .mtu(mtu)
                    .reversePathFilter(OptionalInt.of(Objects.requireNonNullElse(reversePathFilter, 0)))
                    .tunnel(Optional.ofNullable(tunnel).map(Tunnel::parameters))
                    .unmanaged(Stream.concat(settings(unmanaged, true), settings(lasting, false))
                            .toList())
                    .addresses(Stream.of(
                                    addresses(addresses, true, Set.of()),
                                    addresses(secondaryAddresses, true, Set.of(AddressFlag.SECONDARY)),
                                    addresses(foreignAddresses, false, Set.of()))
                            .flatMap(all -> all)
                            .toList())
                    .routes(Stream.concat(routes(routes, true), routes(foreignRoutes, false))
                            .toList())
                    .group(halfBornOf == null ? 0 : BirthGroup.of(halfBornOf))
                    .build();
        }

        private static <T> Stream<T> each(@Nullable List<T> list) {
            return Objects.requireNonNullElse(list, List.<T>of()).stream();
        }

        private static Stream<UnmanagedSetting> settings(@Nullable List<String> texts, boolean cleared) {
            return each(texts).map(text -> new UnmanagedSetting(text, cleared));
        }

        private static Stream<ObservedAddress> addresses(
                @Nullable List<String> texts, boolean ours, Set<AddressFlag> flags) {
            return each(texts).map(text -> {
                Optional<AddressFlag> flag = Stream.of(AddressFlag.values())
                        .filter(known -> text.startsWith(word(known)))
                        .findFirst();
                String[] words = text.substring(
                                flag.map(known -> word(known).length()).orElse(0))
                        .split(" peer ", -1);
                return new ObservedAddress(
                        IpPrefix.parse(family(text), words[0]),
                        words.length == 1
                                ? Optional.empty()
                                : Optional.of(family(text).parse(words[1])),
                        ours,
                        flag.map(Set::of).orElse(flags));
            });
        }

        private static String word(AddressFlag flag) {
            return flag.name().toLowerCase(Locale.ROOT) + " ";
        }

        private static Stream<ObservedRoute> routes(@Nullable List<String> texts, boolean ours) {
            return each(texts).map(text -> {
                IpFamily family = family(text);
                List<String> words = List.of(text.split(" ", -1));
                return new ObservedRoute(
                        new InnerRoute(
                                IpPrefix.parse(family, words.getFirst()),
                                after(words, "via").map(family::parse),
                                after(words, "table").map(Long::valueOf).orElse(InnerRoute.MAIN_TABLE),
                                after(words, "metric").map(Long::valueOf).orElse(0L)),
                        ours ? 173 : 12,
                        ours,
                        new RouteDetails(
                                RouteDetails.Kind.UNICAST,
                                after(words, "src").map(family::parse),
                                after(words, "from").map(prefix -> IpPrefix.parse(family, prefix)),
                                after(words, "tos").map(Integer::decode).orElse(0),
                                !words.contains("nexthop"),
                                after(words, "mtu").map(mtu -> "mtu " + mtu).stream()
                                        .toList()));
            });
        }

        private static Optional<String> after(List<String> words, String word) {
            int index = words.indexOf(word);
            return index < 0 ? Optional.empty() : Optional.of(words.get(index + 1));
        }
    }

    /**
     * @param parent an ifindex, 0 or absent = none
     * @param tos a number, or {@code inherit}; absent = 0
     * @param flowLabel a number, or {@code inherit}; absent = 0
     */
    record Tunnel(
            String mode,
            String local,
            String remote,
            int parent,
            int ttl,
            @Nullable String tos,
            @Nullable Boolean pathMtuDiscovery,
            @Nullable Integer encapsulationLimit,
            @Nullable String flowLabel) {
        TunnelParameters parameters() {
            TunnelMode known = TunnelMode.ofText(mode).orElseThrow();
            return new TunnelParameters(
                    known.driver(),
                    known.protocol(),
                    endpoint(known, local),
                    endpoint(known, remote),
                    parent,
                    ttl,
                    number(tos),
                    !Boolean.FALSE.equals(pathMtuDiscovery),
                    encapsulationLimit == null ? OptionalInt.empty() : OptionalInt.of(encapsulationLimit),
                    number(flowLabel));
        }

        private static OptionalInt number(@Nullable String text) {
            if (text == null) {
                return OptionalInt.of(0);
            }
            return text.equals("inherit") ? OptionalInt.empty() : OptionalInt.of(Integer.decode(text));
        }

        private static InetAddress endpoint(TunnelMode mode, String text) {
            return text.equals("any") ? mode.outer().any() : mode.outer().parse(text);
        }
    }
}
