package dev.iptunnel.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.agent.spec.InvalidSpecException;
import dev.iptunnel.agent.spec.SpecReader;
import dev.iptunnel.api.IpTunnels;
import dev.iptunnel.api.Readmes;
import dev.iptunnel.api.v1alpha1.IpTunnel;
import dev.iptunnel.api.v1alpha1.IpTunnelSpec;
import dev.iptunnel.observation.Master;
import dev.iptunnel.observation.ObservedAddress;
import dev.iptunnel.observation.ObservedLink;
import dev.iptunnel.plan.Plan;
import dev.iptunnel.planner.ListedClaims;
import dev.iptunnel.planner.Planner;
import dev.iptunnel.planner.SimulatedNode;
import dev.iptunnel.tunnel.DesiredTunnel;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.IpPrefix;
import dev.iptunnel.tunnel.TunnelMode;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The table in {@code crds/README.md} of what a change of each field does in each mode is what the planner does. {@code
 * -Dreadme.update=true} rewrites it.
 */
class ChangeTableTest {
    private static final String BEGIN = "<!-- begin: ChangeTableTest -->\n";
    private static final String END = "<!-- end: ChangeTableTest -->\n";
    private static final String HEAD = "| field | ipip | sit | ip6ip6 | ipip6 |\n| --- | --- | --- | --- | --- |\n";
    private static final boolean UPDATE = Boolean.getBoolean("readme.update");

    private static final SpecReader READER =
            new SpecReader("cluster", List.of(IpFamily.IPV4.parse("192.0.2.7"), IpFamily.IPV6.parse("2001:db8::7")));

    /**
     * A field, and values between which a tunnel is changed in both directions.
     *
     * @param text the row's first column
     */
    private record Row(String text, Function<TunnelMode, List<String>> values) {
        Row(String text, String... values) {
            this(text, _ -> List.of(values));
        }
    }

    private static final List<Row> ROWS = List.of(
            new Row("`interfaceName`", "interfaceName: one", "interfaceName: two"),
            new Row("`local`", mode -> List.of("local: " + outer(mode, 1), "local: " + outer(mode, 8), "local: any")),
            new Row(
                    "`localFrom`",
                    "local: null\nlocalFrom: {type: NodeAddress}",
                    "local: null\nlocalFrom: {type: Interface, interfaceName: eth1}"),
            new Row(
                    "`remote`, between addresses",
                    mode -> List.of("remote: " + outer(mode, 2), "remote: " + outer(mode, 9))),
            new Row(
                    "`remote`, between an address and `any`",
                    mode -> List.of("remote: " + outer(mode, 2), "remote: any")),
            new Row("`parent`", "parent: null", "parent: eth0", "parent: eth1"),
            new Row("`vrf`", "vrf: red", "vrf: blue"),
            new Row("`ttl`", "ttl: 64", "ttl: 255", "ttl: inherit"),
            new Row("`dscp`", "dscp: 0", "dscp: 46", "dscp: inherit"),
            new Row("`pathMtuDiscovery`", "ttl: inherit", "ttl: inherit\npathMtuDiscovery: false"),
            new Row("`encapsulationLimit`", "encapsulationLimit: none", "encapsulationLimit: 4"),
            new Row("`flowLabel`", "flowLabel: 0", "flowLabel: 7", "flowLabel: inherit"),
            new Row("`mtu`", "mtu: null", "mtu: 1400"),
            new Row("`addresses`", mode -> List.of("addresses: []", addresses(mode, 1, 2), addresses(mode, 5, 6))),
            new Row(
                    "`routes`",
                    mode -> List.of(
                            "routes: []",
                            routes(mode, "metric: 5"),
                            routes(mode, "table: 100"),
                            routes(mode, gateway(mode)))),
            new Row("`reversePathFilter`", "reversePathFilter: Disabled", "reversePathFilter: Strict"),
            new Row("`allowIsolation`", "allowIsolation: false", "allowIsolation: true"),
            new Row("`fallbackPolicy`", "fallbackPolicy: Refuse", "fallbackPolicy: Yield", "fallbackPolicy: TakeOver"),
            new Row("`adminState`", "adminState: Up", "adminState: Down"),
            new Row("`paused`", "paused: false", "paused: true"),
            new Row("`deletionPolicy`", "deletionPolicy: Delete", "deletionPolicy: Retain"),
            new Row("`adoptionPolicy`", "adoptionPolicy: Never", "adoptionPolicy: IfIdentical"),
            new Row("`probe`", "probe: null", "probe: {type: ICMP}"));

    private static String outer(TunnelMode mode, int host) {
        return mode.outer() == IpFamily.IPV4 ? "192.0.2." + host : "\"2001:db8::" + host + "\"";
    }

    private static String inner(TunnelMode mode, int host) {
        return (mode.inner() == IpFamily.IPV4 ? "10.7.0." : "fd00:7::") + host;
    }

    private static String addresses(TunnelMode mode, int host, int peer) {
        return "addresses: [{address: \"%s/%d\", peer: \"%s\"}]"
                .formatted(inner(mode, host), mode.inner().bits(), inner(mode, peer));
    }

    private static String routes(TunnelMode mode, String field) {
        String destination = mode.inner() == IpFamily.IPV4 ? "10.9.0.0/16" : "fd00:9::/48";
        return "routes: [{destination: \"%s\", %s}]".formatted(destination, field);
    }

    private static String gateway(TunnelMode mode) {
        return "gateway: \"" + inner(mode, 2) + "\"";
    }

    /** What the changes between the values do, in a few words. */
    private static String cell(Row row, TunnelMode mode) {
        List<String> values = row.values().apply(mode);
        try {
            return values.stream()
                    .flatMap(from ->
                            values.stream().filter(to -> !to.equals(from)).map(to -> change(mode, from, to)))
                    .collect(Collectors.toCollection(TreeSet::new))
                    .stream()
                    .collect(Collectors.joining(", "));
        } catch (InvalidSpecException refused) {
            return "–";
        }
    }

    private static String change(TunnelMode mode, String from, String to) {
        SimulatedNode node = SimulatedNode.withEthernet();
        node.put(ObservedLink.builder(3, "eth1")
                .addresses(List.of(
                        new ObservedAddress(
                                IpPrefix.parse(IpFamily.IPV4, "192.0.2.8/24"), Optional.empty(), false, Set.of()),
                        new ObservedAddress(
                                IpPrefix.parse(IpFamily.IPV6, "2001:db8::8/64"), Optional.empty(), false, Set.of())))
                .build());
        node.master(new Master(4, "red", "vrf", OptionalLong.of(4000), true));
        node.master(new Master(5, "blue", "vrf", OptionalLong.of(5000), true));
        DesiredTunnel before = desired(mode, from);
        DesiredTunnel after = desired(mode, to);
        node.apply(plan(before, node));
        int ifindex =
                node.named(before.interfaceName()).map(ObservedLink::index).orElseThrow();
        Plan plan = plan(after, node);
        node.apply(plan);
        boolean kept =
                node.named(after.interfaceName()).map(ObservedLink::index).orElseThrow() == ifindex;
        assertThat(kept || plan.disruption().isPresent()).isTrue();
        assertThat(plan(after, node).isEmpty()).isTrue();
        String inPlace = plan.disruption().isEmpty() ? "in place" : "in place, down for a moment";
        return kept ? (plan.isEmpty() ? "no change" : inPlace) : "recreated";
    }

    private static DesiredTunnel desired(TunnelMode mode, String fields) {
        IpTunnelSpec spec = IpTunnels.spec(
                """
                nodeName: node1
                mode: %s
                local: %s
                remote: %s
                """,
                mode, outer(mode, 1), outer(mode, 2));
        IpTunnel tunnel = IpTunnels.tunnel("to-berlin", IpTunnels.with(spec, fields));
        tunnel.getMetadata().setUid("uid-of-it");
        return READER.read(tunnel);
    }

    private static Plan plan(DesiredTunnel desired, SimulatedNode node) {
        return (Plan) Planner.plan(desired, node.observe(desired), ListedClaims.NONE);
    }

    private static String table() {
        return ROWS.stream()
                .map(row -> "| " + row.text() + " | "
                        + Stream.of(TunnelMode.values())
                                .map(mode -> cell(row, mode))
                                .collect(Collectors.joining(" | "))
                        + " |\n")
                .collect(Collectors.joining("", HEAD, ""));
    }

    @Test
    void the_readme_has_the_table() throws IOException {
        // given
        String readme = Files.readString(Readmes.CRDS);
        int begin = readme.indexOf(BEGIN) + BEGIN.length();
        int end = readme.indexOf(END);

        // when
        String table = table();

        // then
        if (UPDATE) {
            Files.writeString(Readmes.CRDS, readme.substring(0, begin) + table + readme.substring(end));
        } else {
            assertThat(readme.substring(begin, end)).isEqualTo(table);
        }
    }

    @Test
    void the_table_has_every_field_that_can_be_changed() {
        // given
        List<String> immutable = List.of("nodeName", "mode");

        // when
        List<String> fields = Arrays.stream(IpTunnelSpec.class.getRecordComponents())
                .map(RecordComponent::getName)
                .filter(name -> !immutable.contains(name))
                .toList();

        // then
        assertThat(fields)
                .allSatisfy(field -> assertThat(ROWS).anyMatch(row -> row.text().startsWith("`" + field + "`")));
    }
}
