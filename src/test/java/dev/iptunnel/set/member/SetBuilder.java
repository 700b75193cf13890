package dev.iptunnel.set.member;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.iptunnel.set.AddressRanges;
import dev.iptunnel.set.FleetNode;
import dev.iptunnel.set.NodeOverride;
import dev.iptunnel.set.NodeSelector;
import dev.iptunnel.set.OuterAddresses;
import dev.iptunnel.set.PeerRoutes;
import dev.iptunnel.set.RolloutPolicy;
import dev.iptunnel.set.SetTopology;
import dev.iptunnel.set.TunnelSet;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.IpPrefix;
import dev.iptunnel.tunnel.TunnelMode;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Sets and nodes for tests. A set is a mesh of mode ipip with the pool 10.200.0.0/24, unless told otherwise. */
public final class SetBuilder {
    public static final Instant CREATED = Instant.parse("2026-01-02T03:04:05Z");

    private static final NodeSelector LABELLED =
            new NodeSelector(List.of(new NodeSelector.Requirement("tunnels", NodeSelector.Operator.IN, Set.of("yes"))));
    private static final NodeSelector HUBS =
            new NodeSelector(List.of(new NodeSelector.Requirement("hub", NodeSelector.Operator.EXISTS, Set.of())));

    private String name = "backbone";
    private String uid = "uid-of-backbone";
    private Instant created = CREATED;
    private SetTopology topology = new SetTopology.Mesh();
    private TunnelMode mode = TunnelMode.IPIP;
    private OuterAddresses outer = new OuterAddresses(OuterAddresses.Type.INTERNAL_IP, List.of());
    private Optional<AddressRanges> pool = Optional.of(ranges("10.200.0.0/24"));
    private PeerRoutes routes = new PeerRoutes(false, List.of(), 254, 0);
    private final Map<String, NodeOverride> overrides = new HashMap<>();
    private String spec = "{}";
    private int maxTunnels = 20_000;
    private Optional<Long> confirmedRemoval = Optional.empty();

    public static SetBuilder mesh() {
        return new SetBuilder();
    }

    public static SetBuilder perNode() {
        SetBuilder builder = new SetBuilder();
        builder.topology = new SetTopology.PerNode();
        builder.spec = "{\"remote\": \"192.0.2.1\"}";
        return builder;
    }

    public static SetBuilder hubAndSpoke(boolean hubMesh) {
        SetBuilder builder = new SetBuilder();
        builder.topology = new SetTopology.HubAndSpoke(HUBS, hubMesh);
        return builder;
    }

    public SetBuilder named(String name) {
        this.name = name;
        this.uid = "uid-of-" + name;
        return this;
    }

    public SetBuilder uid(String uid) {
        this.uid = uid;
        return this;
    }

    public SetBuilder created(Instant created) {
        this.created = created;
        return this;
    }

    public SetBuilder mode(TunnelMode mode) {
        this.mode = mode;
        return this;
    }

    public SetBuilder outer(OuterAddresses.Type type, String... networks) {
        outer = new OuterAddresses(type, prefixes(networks));
        return this;
    }

    public SetBuilder pool(String... networks) {
        pool = Optional.of(ranges(networks));
        return this;
    }

    public SetBuilder excluded(String... networks) {
        pool = pool.map(ranges -> new AddressRanges(ranges.networks(), prefixes(networks)));
        return this;
    }

    public SetBuilder noPool() {
        pool = Optional.empty();
        return this;
    }

    public SetBuilder routes(boolean podNetworks, long metric, String... viaHub) {
        routes = new PeerRoutes(podNetworks, prefixes(viaHub), 254, metric);
        return this;
    }

    public SetBuilder table(long table) {
        routes = new PeerRoutes(routes.podNetworks(), routes.viaHub(), table, routes.metric());
        return this;
    }

    public SetBuilder inner(String node, String address) {
        overrides.put(node, new NodeOverride(Optional.empty(), Optional.of(address(address)), List.of(), false));
        return this;
    }

    public SetBuilder outer(String node, String address) {
        overrides.put(node, new NodeOverride(Optional.of(address(address)), Optional.empty(), List.of(), false));
        return this;
    }

    public SetBuilder networks(String node, String... networks) {
        overrides.put(node, new NodeOverride(Optional.empty(), Optional.empty(), prefixes(networks), false));
        return this;
    }

    public SetBuilder excludedNode(String node) {
        overrides.put(node, new NodeOverride(Optional.empty(), Optional.empty(), List.of(), true));
        return this;
    }

    public SetBuilder spec(String json) {
        spec = json;
        return this;
    }

    public SetBuilder maxTunnels(int number) {
        maxTunnels = number;
        return this;
    }

    public SetBuilder confirmedRemoval(long generation) {
        confirmedRemoval = Optional.of(generation);
        return this;
    }

    public TunnelSet build() {
        return new TunnelSet(
                name,
                uid,
                1,
                created,
                LABELLED,
                topology,
                outer,
                Optional.empty(),
                pool,
                routes,
                overrides,
                new TunnelSet.TunnelTemplate(mode, Map.of("team", "net"), Map.of(), json(spec)),
                new RolloutPolicy(
                        false,
                        new RolloutPolicy.MaxUnavailable(10, true),
                        1,
                        Duration.ofSeconds(10),
                        Duration.ofMinutes(5),
                        false,
                        0,
                        RolloutPolicy.OnFailure.PAUSE),
                Duration.ofSeconds(60),
                maxTunnels,
                5,
                Optional.empty(),
                confirmedRemoval);
    }

    /** A node that the selector selects, with these internal addresses. */
    public static FleetNode node(String name, String... addresses) {
        return node(name, Map.of("tunnels", "yes"), List.of(), addresses);
    }

    public static FleetNode hub(String name, String... addresses) {
        return node(name, Map.of("tunnels", "yes", "hub", ""), List.of(), addresses);
    }

    public static FleetNode node(
            String name, Map<String, String> labels, List<String> podNetworks, String... addresses) {
        return new FleetNode(
                name,
                "uid-of-node-" + name,
                labels,
                Arrays.stream(addresses)
                        .map(text -> new FleetNode.NodeAddress(OuterAddresses.Type.INTERNAL_IP, address(text)))
                        .toList(),
                prefixes(podNetworks.toArray(String[]::new)),
                true);
    }

    public static InetAddress address(String text) {
        return IpFamily.literal(text).orElseThrow();
    }

    public static List<IpPrefix> prefixes(String... texts) {
        return Arrays.stream(texts)
                .map(text -> IpPrefix.parse(text.contains(":") ? IpFamily.IPV6 : IpFamily.IPV4, text))
                .toList();
    }

    public static AddressRanges ranges(String... networks) {
        return new AddressRanges(prefixes(networks), List.of());
    }

    public static ObjectNode json(String text) {
        try {
            return (ObjectNode) new ObjectMapper().readTree(text);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(e);
        }
    }
}
