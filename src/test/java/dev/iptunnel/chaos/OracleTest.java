package dev.iptunnel.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.api.IpTunnels;
import dev.iptunnel.api.v1alpha1.IpTunnel;
import dev.iptunnel.api.v1alpha1.IpTunnelStatus;
import dev.iptunnel.chaos.Expectation.Held;
import dev.iptunnel.chaos.Expectation.Refused;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the oracle of the chaos run expects, and that it sees what is otherwise. */
class OracleTest {
    private static final String MANAGER = "m";
    private static final String UPLINK =
            """
            {"ifindex":2,"ifname":"vec0","flags":["UP"],"mtu":1500,"operstate":"UP"}""";
    private static final String PARENT =
            """
            ,{"ifindex":5,"ifname":"wan0","flags":["UP"],"mtu":1400,"operstate":"UP"}""";
    private static final String TUNNEL =
            """
            ,{"ifindex":9,"ifname":"tun","flags":["NOARP","UP"],"mtu":1480,"operstate":"UNKNOWN",\
            "ifalias":"iptunnel.dev/v1 manager=m uid=u1 deletion=Delete name=tun","linkinfo":{"info_kind":"ipip",\
            "info_data":{"proto":"ipip","remote":"10.77.0.2","local":"10.77.0.1","ttl":64,"pmtudisc":true}}}""";
    private static final String ADDRESSES =
            """
            [{"ifname":"vec0","addr_info":[{"family":"inet","local":"10.77.0.1","prefixlen":24,"scope":"global"}]},\
            {"ifname":"wan0","addr_info":[{"family":"inet","local":"10.99.0.1","prefixlen":24,"scope":"global"}]},\
            {"ifname":"tun","addr_info":[{"family":"inet","local":"192.168.7.1","prefixlen":30,"scope":"global"},\
            {"family":"inet6","local":"fe80::1","prefixlen":64,"scope":"link"}]}]""";
    private static final String ROUTES =
            """
            [{"dst":"default","gateway":"10.77.0.254","dev":"vec0"},{"dst":"10.77.0.0/24","dev":"vec0"},\
            {"dst":"10.99.0.0/24","dev":"wan0"},\
            {"dst":"192.168.7.0/30","dev":"tun","protocol":"kernel"},\
            {"dst":"10.9.0.0/16","dev":"tun","protocol":"173","metric":50}]""";

    private final Oracle oracle = new Oracle(MANAGER, Map.of("node1", List.of("10.77.0.1", "fd77::1")));

    private static NodeSnapshot node(String... links) {
        return NodeSnapshot.parse(List.of("[" + UPLINK + String.join("", links) + "]", ADDRESSES, ROUTES));
    }

    private static IpTunnel object(String name, String uid, String... fields) {
        String spec =
                """
                nodeName: node1
                mode: ipip
                local: 10.77.0.1
                remote: 10.77.0.2
                addresses: [{address: 192.168.7.1/30}]
                routes: [{destination: 10.9.0.0/16, metric: 50}]
                """;
        IpTunnel object = IpTunnels.tunnel(
                name, Arrays.stream(fields).reduce(IpTunnels.spec(spec), IpTunnels::with, (one, other) -> other));
        object.getMetadata().setUid(uid);
        object.getMetadata().setGeneration(1L);
        object.getMetadata().setCreationTimestamp("2026-01-01T00:00:00Z");
        return object;
    }

    private Expectation expect(NodeSnapshot node, IpTunnel... objects) {
        return oracle.expect(List.of(objects), node)
                .get(objects[objects.length - 1].getMetadata().getName());
    }

    private List<String> problems(NodeSnapshot node, IpTunnel... objects) {
        return KernelCheck.problems(MANAGER, oracle.expect(List.of(objects), node), node, new Tally());
    }

    @Test
    void a_tunnel_as_the_manifest_has_it_is_right() {
        // given
        NodeSnapshot node = node(TUNNEL);

        // when
        List<String> problems = problems(node, object("tun", "u1"));

        // then
        assertThat(problems).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"ttl\":64                 | \"ttl\":7                  | tun ttl 7, not 64",
                "\"remote\":\"10.77.0.2\"   | \"remote\":\"10.77.0.9\"   | tun remote 10.77.0.9, not 10.77.0.2",
                "\"local\":\"10.77.0.1\",   | \"local\":\"10.77.0.3\",   | tun local 10.77.0.3, not [10.77.0.1]",
                "\"mtu\":1480               | \"mtu\":1300               | tun mtu 1300, not 1480",
                "[\"NOARP\",\"UP\"]         | [\"NOARP\"]                | tun up false, not true",
                "\"pmtudisc\":true          | \"pmtudisc\":false         | tun pmtudisc false, not true",
                "\"ttl\":64                 | \"ttl\":64,\"fwmark\":\"0x7\" | tun fwmark 0x7, not ''",
                "\"ttl\":64                 | \"ttl\":64,\"link\":\"wan1\"  | tun link wan1, not ''",
            })
    void what_differs_is_seen(String right, String wrong, String problem) {
        // given
        NodeSnapshot node = node(TUNNEL.replace(right.strip(), wrong.strip()));

        // when
        List<String> problems = problems(node, object("tun", "u1"));

        // then
        assertThat(problems).containsExactly(problem.strip().replace("''", ""));
    }

    @Test
    void a_missing_tunnel_is_seen() {
        // given
        NodeSnapshot node = node();

        // when
        List<String> problems = problems(node, object("tun", "u1"));

        // then
        assertThat(problems).containsExactly("tun is missing");
    }

    @Test
    void a_tunnel_without_an_object_is_seen() {
        // given
        NodeSnapshot node = node(TUNNEL);

        // when
        List<String> problems = problems(node);

        // then
        assertThat(problems).singleElement().asString().startsWith("tun has a mark without an object");
    }

    @Test
    void what_an_object_had_before_it_was_refused_stays_under_its_old_name() {
        // given
        NodeSnapshot node = node(TUNNEL);

        // when
        List<String> problems = problems(node, object("tun", "u2", "interfaceName: other", "parent: later0"));

        // then
        assertThat(problems).isEmpty();
    }

    @Test
    void addresses_and_routes_are_compared_both_ways() {
        // given
        NodeSnapshot node = node(TUNNEL);
        IpTunnel other =
                object("tun", "u1", "addresses: [{address: 192.168.8.1/30}]", "routes: [{destination: 10.8.0.0/16}]");

        // when
        List<String> problems = problems(node, other);

        // then
        assertThat(problems)
                .containsExactly(
                        "tun lacks address 192.168.8.1/30",
                        "tun has address 192.168.7.1/30",
                        "tun lacks the connected route of 192.168.8.1/30",
                        "tun lacks ShownRoute[destination=10.8.0.0/16, table=main, metric=0]",
                        "tun has ShownRoute[destination=10.9.0.0/16, table=main, metric=50]");
    }

    @Test
    void a_missing_connected_route_is_seen() {
        // given
        NodeSnapshot node = NodeSnapshot.parse(List.of(
                "[" + UPLINK + TUNNEL + "]",
                ADDRESSES,
                ROUTES.replace("\"protocol\":\"kernel\"", "\"protocol\":\"static\"")));

        // when
        List<String> problems = problems(node, object("tun", "u1"));

        // then
        assertThat(problems).containsExactly("tun lacks the connected route of 192.168.7.1/30");
    }

    @Test
    void an_alternative_name_of_a_parent_is_a_name_of_it() {
        // given
        NodeSnapshot node = node(PARENT.replace("\"mtu\"", "\"altnames\":[\"later0\"],\"mtu\""));

        // when
        Expectation expectation = expect(node, object("tun", "u1", "parent: later0"));

        // then
        assertThat(((Held) expectation).data()).containsEntry("link", "wan0");
    }

    @Test
    void a_name_that_is_the_alternative_one_of_somebody_is_refused() {
        // given
        NodeSnapshot node = node(PARENT.replace("\"mtu\"", "\"altnames\":[\"tun\"],\"mtu\""));

        // when
        Expectation expectation = expect(node, object("tun", "u1"));

        // then
        assertThat(((Refused) expectation).reasons()).containsExactly("InterfaceNameConflict");
    }

    @Test
    void a_mark_of_another_object_is_seen() {
        // given
        NodeSnapshot node = node(TUNNEL);

        // when
        List<String> problems = problems(node, object("tun", "u2"));

        // then
        assertThat(problems).hasSize(2).first().asString().contains("not one with uid u2");
    }

    @ParameterizedTest
    @CsvSource({
        "ipip,   10.77.0.2, ,     1480",
        "ipip,   10.99.0.2, ,     1380",
        "ipip,   10.77.0.2, wan0, 1380",
        "sit,    10.99.0.2, ,     1380",
        "ip6ip6, fd77::2,   ,     1460",
        "ipip6,  fd77::2,   wan0, 1360",
    })
    void the_mtu_is_that_of_the_carrier_less_the_header(String mode, String remote, String parent, int mtu) {
        // given
        IpTunnel object = object(
                "tun",
                "u1",
                "mode: " + mode + "\nremote: \"" + remote + "\"\nparent: " + parent
                        + "\nlocal: null\nlocalFrom: {type: NodeAddress}");

        // when
        Expectation expectation = expect(node(PARENT), object);

        // then
        assertThat(((Held) expectation).mtu()).isEqualTo(mtu);
    }

    @Test
    void an_absent_parent_and_a_taken_name_are_refused() {
        // given
        IpTunnel object = object("tun", "u1", "interfaceName: vec0\nparent: wan0");

        // when
        Expectation expectation = expect(node(), object);

        // then
        assertThat(((Refused) expectation).reasons()).containsExactly("InterfaceNameConflict", "ParentNotFound");
    }

    @Test
    void of_two_with_the_same_endpoints_the_lesser_uid_has_them() {
        // given
        IpTunnel first = object("one", "u1");
        IpTunnel second = object("two", "u2");

        // when
        List<Expectation> expectations = Stream.of(expect(node(), first, second), expect(node(), second, first))
                .toList();

        // then
        assertThat(expectations.getFirst())
                .isInstanceOfSatisfying(
                        Refused.class, refused -> assertThat(refused.reasons()).containsExactly("EndpointConflict"));
        assertThat(expectations.getLast()).isInstanceOf(Held.class);
    }

    @Test
    void a_local_address_that_the_node_lacks_makes_it_not_ready() {
        // given
        IpTunnel object = object("tun", "u1", "local: 10.99.0.7");

        // when
        Expectation expectation = expect(node(), object);

        // then
        assertThat(((Held) expectation).notReady()).containsExactly("LocalAddressNotFound");
    }

    @Test
    void the_status_of_another_ifindex_is_seen() {
        // given
        NodeSnapshot node = node(TUNNEL);
        IpTunnel object = object("tun", "u1");
        object.setStatus(new KubernetesSerialization()
                .unmarshal(
                        """
                observedGeneration: 1
                interfaceName: tun
                ifindex: 8
                mtu: 1480
                operState: UNKNOWN
                remote: 10.77.0.2
                parent: {name: vec0, ifindex: 2, mtu: 1500}
                conditions:
                - {type: Programmed, status: "True", reason: InSync}
                - {type: Ready, status: "True", reason: TunnelUp}
                """,
                        IpTunnelStatus.class));

        // when
        List<String> problems = StatusCheck.problems(object, expect(node, object), node, new Tally());

        // then
        assertThat(problems).containsExactly("status of tun: ifindex 8, not 9");
    }
}
