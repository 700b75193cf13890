package dev.iptunnel.set.child;

import static dev.iptunnel.set.member.SetBuilder.address;
import static dev.iptunnel.set.member.SetBuilder.hubAndSpoke;
import static dev.iptunnel.set.member.SetBuilder.mesh;
import static dev.iptunnel.set.member.SetBuilder.perNode;
import static dev.iptunnel.set.member.SetBuilder.prefixes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import com.fasterxml.jackson.databind.JsonNode;
import dev.iptunnel.set.Edge;
import dev.iptunnel.set.SetNames;
import dev.iptunnel.set.SetProblem;
import dev.iptunnel.set.TunnelSet;
import dev.iptunnel.set.member.Edges;
import dev.iptunnel.set.member.Member;
import dev.iptunnel.tunnel.IpPrefix;
import dev.iptunnel.tunnel.TunnelMode;
import java.net.InetAddress;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ChildManifestTest {
    @Test
    void a_tunnel_of_a_mesh_has_all_that_the_set_says() {
        // given
        TunnelSet set = mesh().routes(true, 7)
                .table(100)
                .spec("{\"ttl\": 32, \"localFrom\": {\"type\": \"NodeAddress\"}}")
                .build();

        // when
        ChildManifest manifest = manifest(set, "a", "b", member("a", 1), member("b", 2, "10.1.2.0/24", "fd00:9::/64"));

        // then
        String name = ChildNames.tunnel("backbone", new Edge("a", "b"), 0);
        assertThat(manifest.object().toPrettyString().replaceAll("\\s+", " "))
                .isEqualTo(
                        """
                { "apiVersion" : "iptunnel.dev/v1alpha1", "kind" : "IpTunnel", "metadata" : { "name" : "NAME", \
                "labels" : { "team" : "net", "iptunnel.dev/set" : "backbone", "iptunnel.dev/set-uid" : \
                "uid-of-backbone", "iptunnel.dev/revision" : "r1" }, "annotations" : { "iptunnel.dev/inner-address" : \
                "10.200.0.1/32 peer 10.200.0.2", "iptunnel.dev/peer-node" : "b", "iptunnel.dev/peer-tunnel" : "PEER", \
                "iptunnel.dev/routes" : "set", "iptunnel.dev/updated-at" : "2026-01-02T03:04:05Z" }, \
                "ownerReferences" : [ { "apiVersion" : "iptunnel.dev/v1alpha1", "kind" : "IpTunnelSet", "name" : \
                "backbone", "uid" : "uid-of-backbone", "controller" : true, "blockOwnerDeletion" : true } ] }, \
                "spec" : { "ttl" : 32, "mode" : "ipip", "nodeName" : "a", "local" : "10.0.0.1", "remote" : "10.0.0.2", \
                "interfaceName" : "IFNAME", "addresses" : [ { "address" : "10.200.0.1/32", "peer" : "10.200.0.2" } ], \
                "routes" : [ { "destination" : "10.1.2.0/24", "table" : 100, "metric" : 7 } ] } }"""
                                .replace("IFNAME", ChildNames.networkInterface(set, "b", 0))
                                .replace("NAME", name)
                                .replace("PEER", ChildNames.tunnel("backbone", new Edge("b", "a"), 0)));
    }

    @ParameterizedTest
    @CsvSource({
        "IPIP, 10.0.0., 10.200.0.",
        "SIT, 10.0.0., fd00:200::",
        "IP6IP6, fd00:1::, fd00:200::",
        "IPIP6, fd00:1::, 10.200.0.",
    })
    void the_families_are_those_of_the_mode(TunnelMode mode, String outer, String inner) {
        // given
        TunnelSet set = mesh().mode(mode).routes(true, 0).build();
        Member a = new Member(
                "a",
                Member.Standing.SELECTED,
                Optional.of(address(outer + 1)),
                List.of(),
                List.of(),
                false,
                false,
                true);
        Member b = new Member(
                "b",
                Member.Standing.SELECTED,
                Optional.of(address(outer + 2)),
                prefixes("10.1.0.0/24", "fd00:7::/64"),
                List.of(),
                false,
                false,
                true);

        // when
        JsonNode spec = manifest(set, "a", "b", Map.of("a", address(inner + 1), "b", address(inner + 2)), a, b)
                .spec();

        // then
        boolean ipv4 = inner.startsWith("10");
        assertThat(spec.path("mode").asText()).isEqualTo(mode.toString());
        assertThat(spec.path("local").asText()).isEqualTo(outer + 1);
        assertThat(spec.path("remote").asText()).isEqualTo(outer + 2);
        assertThat(spec.at("/addresses/0/address").asText()).isEqualTo(inner + 1 + (ipv4 ? "/32" : "/128"));
        assertThat(spec.at("/addresses/0/peer").asText()).isEqualTo(inner + 2);
        assertThat(spec.path("routes")).hasSize(1);
        assertThat(spec.at("/routes/0/destination").asText()).isEqualTo(ipv4 ? "10.1.0.0/24" : "fd00:7::/64");
    }

    @Test
    void a_tunnel_per_node_takes_the_nodes_address_and_the_remote_of_the_template() {
        // when
        ChildManifest manifest = manifest(perNode().build(), "a", "", member("a", 1));

        // then
        assertThat(manifest.spec().path("local").asText()).isEqualTo("10.0.0.1");
        assertThat(manifest.spec().path("remote").asText()).isEqualTo("192.0.2.1");
        assertThat(manifest.spec().path("addresses").toString()).isEqualTo("[{\"address\":\"10.200.0.1/32\"}]");
        assertThat(manifest.spec().has("routes")).isFalse();
        assertThat(manifest.metadata().path("annotations").has(SetNames.PEER_NODE))
                .isFalse();
    }

    @Test
    void a_tunnel_per_node_keeps_what_the_template_says_of_itself() {
        // given
        TunnelSet set = perNode()
                .spec(
                        """
                {"remote": "192.0.2.1", "interfaceName": "broker", "localFrom": {"type": "NodeAddress"},
                 "addresses": [{"address": "192.168.7.1/30"}], "routes": [{"destination": "10.9.0.0/16"}]}""")
                .build();

        // when
        JsonNode spec = manifest(set, "a", "", member("a", 1)).spec();

        // then
        assertThat(spec.has("local")).isFalse();
        assertThat(spec.path("interfaceName").asText()).isEqualTo("broker");
        assertThat(spec.path("addresses")).hasSize(2);
        assertThat(spec.path("routes")).hasSize(1);
    }

    @Test
    void the_template_is_not_changed_by_rendering() {
        // given
        TunnelSet set = mesh().spec("{\"addresses\": [{\"address\": \"192.168.7.1/30\"}]}")
                .build();
        JsonNode before = set.template().spec().deepCopy();

        // when
        manifest(set, "a", "b", member("a", 1), member("b", 2));

        // then
        assertThat(set.template().spec()).isEqualTo(before);
    }

    @Test
    void a_route_that_the_template_has_too_is_written_once() {
        // given
        TunnelSet set = mesh().routes(true, 0)
                .spec("{\"routes\": [{\"destination\": \"10.1.2.0/24\", \"table\": 254}]}")
                .build();

        // when
        JsonNode spec = manifest(set, "a", "b", member("a", 1), member("b", 2, "10.1.2.0/24"))
                .spec();

        // then
        assertThat(spec.path("routes")).hasSize(1);
    }

    @Test
    void more_routes_than_the_api_server_takes_are_a_problem() {
        // given
        TunnelSet set = mesh().build();
        List<IpPrefix> many = IntStream.range(0, 257)
                .mapToObj(i -> prefixes("10." + (i / 256 + 1) + "." + i % 256 + ".0/24")
                        .getFirst())
                .toList();
        Member far = new Member(
                "b", Member.Standing.SELECTED, Optional.of(address("10.0.0.2")), List.of(), many, false, false, true);

        // when
        Optional<SetProblem> problem =
                manifest(set, "a", "b", member("a", 1), far).tooLarge();

        // then
        assertThat(problem.map(SetProblem::reason)).contains("TooManyRoutes");
        assertThat(manifest(set, "b", "a", member("a", 1), far).tooLarge()).isEmpty();
    }

    @Test
    void more_addresses_than_the_api_server_takes_are_a_problem() {
        // given
        String addresses = String.join(
                ",",
                IntStream.range(0, 64)
                        .mapToObj(i -> "{\"address\": \"10.9." + i + ".1/24\"}")
                        .toList());
        TunnelSet set = mesh().spec("{\"addresses\": [" + addresses + "]}").build();

        // when
        Optional<SetProblem> problem =
                manifest(set, "a", "b", member("a", 1), member("b", 2)).tooLarge();

        // then
        assertThat(problem.map(SetProblem::reason)).contains("TooManyAddresses");
    }

    @Test
    void spokes_route_by_way_of_their_hubs_and_prefer_the_first() {
        // given
        TunnelSet set = hubAndSpoke(true).routes(true, 50, "10.0.0.0/8").build();
        Member[] members = {hub("h1", 1, "10.1.1.0/24"), hub("h2", 2, "10.1.2.0/24"), member("s", 3, "10.1.3.0/24")};

        // when
        String first = manifest(set, "s", "h1", members).spec().path("routes").toString();
        String second = manifest(set, "s", "h2", members).spec().path("routes").toString();
        String back = manifest(set, "h1", "s", members).spec().path("routes").toString();
        String between =
                manifest(set, "h1", "h2", members).spec().path("routes").toString();

        // then
        assertThat(first).isEqualTo(routes("10.1.1.0/24 50", "10.0.0.0/8 50"));
        assertThat(second).isEqualTo(routes("10.1.2.0/24 50", "10.0.0.0/8 60"));
        assertThat(back).isEqualTo(routes("10.1.3.0/24 50"));
        assertThat(between).isEqualTo(routes("10.1.2.0/24 50"));
    }

    @Test
    void without_a_metric_the_first_hub_is_preferred_for_ipv6_too() {
        // given
        TunnelSet set = hubAndSpoke(true)
                .mode(TunnelMode.SIT)
                .routes(false, 0, "fd00::/16")
                .build();
        Member[] members = {hub("h1", 1), hub("h2", 2), member("s", 3)};

        // when
        JsonNode first = manifest(set, "s", "h1", Map.of(), members).spec();
        JsonNode second = manifest(set, "s", "h2", Map.of(), members).spec();

        // then
        assertThat(first.at("/routes/0").has("metric")).isFalse();
        assertThat(second.at("/routes/0/metric").asLong()).isEqualTo(1034);
    }

    @Test
    void nodes_without_a_pod_network_are_a_problem_line_and_no_failure() {
        // when
        ChildTargets targets = targets(
                mesh().routes(true, 0).build(), Map.of(), member("a", 1, "fd00:7::/64"), member("b", 2, "10.1.0.0/24"));

        // then
        assertThat(targets.targets()).hasSize(2);
        assertThat(targets.problems())
                .extracting(SetProblem::node, SetProblem::reason)
                .containsExactly(tuple("a", "PodNetworkNotFound"));
    }

    @Test
    void of_two_nodes_with_overlapping_networks_the_first_name_has_them() {
        // given
        TunnelSet set = mesh().routes(true, 0).build();
        Member[] members = {
            withNetworks("a", 1, "192.168.0.0/16"),
            withNetworks("b", 2, "192.168.4.0/24", "10.1.3.0/25"),
            member("c", 3, "10.1.3.0/24")
        };

        // when
        ChildTargets targets = targets(set, Map.of(), members);

        // then
        assertThat(targets.problems().stream()
                        .filter(problem -> problem.reason().equals("NetworkConflict")))
                .extracting(SetProblem::node, SetProblem::message)
                .extracting(Object::toString)
                .satisfiesExactly(
                        one -> assertThat(one).contains("b", "192.168.4.0/24 overlaps one of node a"),
                        two -> assertThat(two).contains("b", "10.1.3.0/25 overlaps one of node c"));
        assertThat(manifest(set, "c", "b", members).spec().has("routes")).isFalse();
        assertThat(manifest(set, "c", "a", members).spec().path("routes").toString())
                .isEqualTo("[{\"destination\":\"192.168.0.0/16\"}]");
    }

    /** As JSON prints them, each written as destination and metric. */
    private static String routes(String... routes) {
        return Stream.of(routes)
                .map(text -> text.split(" "))
                .map(words -> "{\"destination\":\"" + words[0] + "\",\"metric\":" + words[1] + "}")
                .collect(Collectors.joining(",", "[", "]"));
    }

    private static ChildManifest manifest(TunnelSet set, String node, String peer, Member... members) {
        return manifest(set, node, peer, inner(members), members);
    }

    private static ChildManifest manifest(
            TunnelSet set, String node, String peer, Map<String, InetAddress> inner, Member... members) {
        ChildTarget target = targets(set, inner, members).targets().stream()
                .filter(any -> any.edge().equals(new Edge(node, peer)))
                .findFirst()
                .orElseThrow();
        Map<String, String> rollout = set.routes().table() == 100
                ? Map.of(SetNames.UPDATED_AT, "2026-01-02T03:04:05Z")
                : Collections.emptyMap();
        return ChildManifest.render(set, target, "r1", set.template(), rollout);
    }

    private static ChildTargets targets(TunnelSet set, Map<String, InetAddress> inner, Member... members) {
        List<Edge> edges = Edges.of(set, List.of(members)).edges();
        NamedEdges named = NamedEdges.of(set, edges, Map.of(), NamedEdges.Taken.NOTHING, 0);
        return ChildTargets.of(set, List.of(members), edges, named.names(), inner);
    }

    private static Map<String, InetAddress> inner(Member... members) {
        Map<String, InetAddress> inner = new HashMap<>();
        for (Member member : members) {
            String last = member.outer().orElseThrow().getHostAddress();
            inner.put(member.name(), address("10.200.0." + last.substring(last.lastIndexOf('.') + 1)));
        }
        return inner;
    }

    private static Member member(String name, int number, String... podNetworks) {
        return member(name, number, false, prefixes(podNetworks), List.of());
    }

    private static Member hub(String name, int number, String... podNetworks) {
        return member(name, number, true, prefixes(podNetworks), List.of());
    }

    private static Member withNetworks(String name, int number, String... networks) {
        return member(name, number, false, List.of(), prefixes(networks));
    }

    private static Member member(
            String name, int number, boolean hub, List<IpPrefix> podNetworks, List<IpPrefix> networks) {
        return new Member(
                name,
                Member.Standing.SELECTED,
                Optional.of(address("10.0.0." + number)),
                podNetworks,
                networks,
                hub,
                false,
                true);
    }
}
