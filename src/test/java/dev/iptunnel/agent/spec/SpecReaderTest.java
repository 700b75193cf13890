package dev.iptunnel.agent.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.iptunnel.api.IpTunnels;
import dev.iptunnel.api.v1alpha1.IpTunnel;
import dev.iptunnel.api.v1alpha1.IpTunnelSpec;
import dev.iptunnel.tunnel.AdoptionPolicy;
import dev.iptunnel.tunnel.DeletionPolicy;
import dev.iptunnel.tunnel.DesiredTunnel;
import dev.iptunnel.tunnel.FallbackPolicy;
import dev.iptunnel.tunnel.InnerAddress;
import dev.iptunnel.tunnel.InnerRoute;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.IpPrefix;
import dev.iptunnel.tunnel.LocalAddress;
import dev.iptunnel.tunnel.Mark;
import dev.iptunnel.tunnel.OuterHeader;
import dev.iptunnel.tunnel.ProbeSettings;
import dev.iptunnel.tunnel.ReversePathFilter;
import dev.iptunnel.tunnel.TunnelMode;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SpecReaderTest {
    private static final SpecReader READER =
            new SpecReader("cluster", List.of(IpFamily.IPV6.parse("2001:db8::7"), IpFamily.IPV4.parse("198.51.100.7")));
    private static final String IPIP =
            """
            nodeName: node1
            mode: ipip
            local: 192.0.2.1
            remote: 192.0.2.2
            """;
    private static final String IP6IP6 =
            """
            nodeName: node1
            mode: ip6ip6
            local: "2001:db8::1"
            remote: "2001:db8::2"
            """;

    private static IpTunnel tunnel(IpTunnelSpec spec) {
        IpTunnel tunnel = IpTunnels.tunnel("to-berlin", spec);
        tunnel.getMetadata().setUid("uid-of-it");
        return tunnel;
    }

    private static DesiredTunnel read(String spec, String fields) {
        return READER.read(tunnel(IpTunnels.with(IpTunnels.spec(spec), "---\n" + fields)));
    }

    @Test
    void reads_every_field() {
        // given
        IpTunnel tunnel = tunnel(
                IpTunnels.spec(
                        """
                nodeName: node1
                mode: ip6ip6
                interfaceName: berlin0
                localFrom: {type: Interface, interfaceName: lo}
                remote: "2001:db8::2"
                parent: eth0
                vrf: red
                ttl: 255
                dscp: 46
                encapsulationLimit: 4
                flowLabel: 74565
                mtu: 1400
                addresses: [{address: "FD00:7::1/128", peer: "fd00:7::2"}]
                routes: [{destination: "fd00:9::/48", gateway: "fd00:7::2", table: 100, metric: 5}]
                allowIsolation: true
                fallbackPolicy: Yield
                adminState: Down
                paused: true
                deletionPolicy: Retain
                adoptionPolicy: IfIdentical
                probe: {type: ICMP, target: "fd00:7::2", intervalSeconds: 60, timeoutSeconds: 5, failureThreshold: 4,
                  successThreshold: 1, pathMtu: Verify}
                """));
        tunnel.getMetadata().setCreationTimestamp("2026-01-02T03:04:05Z");

        // when
        DesiredTunnel desired = READER.read(tunnel);

        // then
        assertThat(desired)
                .isEqualTo(new DesiredTunnel(
                        new Mark("cluster", "uid-of-it", DeletionPolicy.RETAIN, "to-berlin"),
                        Instant.parse("2026-01-02T03:04:05Z"),
                        "berlin0",
                        TunnelMode.IP6IP6,
                        new LocalAddress.OfInterface("lo"),
                        IpFamily.IPV6.parse("2001:db8::2"),
                        Optional.of("eth0"),
                        Optional.of("red"),
                        new OuterHeader(255, OptionalInt.of(46), true, OptionalInt.of(4), OptionalInt.of(74565)),
                        OptionalInt.of(1400),
                        List.of(new InnerAddress(
                                IpPrefix.parse(IpFamily.IPV6, "fd00:7::1/128"),
                                Optional.of(IpFamily.IPV6.parse("fd00:7::2")))),
                        List.of(new InnerRoute(
                                IpPrefix.parse(IpFamily.IPV6, "fd00:9::/48"),
                                Optional.of(IpFamily.IPV6.parse("fd00:7::2")),
                                100,
                                5)),
                        List.of(),
                        Optional.empty(),
                        AdoptionPolicy.IF_IDENTICAL,
                        true,
                        FallbackPolicy.YIELD,
                        false,
                        true,
                        Optional.of(new ProbeSettings(
                                Optional.of(IpFamily.IPV6.parse("fd00:7::2")),
                                Duration.ofSeconds(60),
                                Duration.ofSeconds(5),
                                4,
                                1,
                                true))));
    }

    @Test
    void gives_missing_fields_their_defaults() {
        // when
        DesiredTunnel desired = read(IPIP, "{}");

        // then
        assertThat(desired)
                .isEqualTo(new DesiredTunnel(
                        new Mark("cluster", "uid-of-it", DeletionPolicy.DELETE, "to-berlin"),
                        Instant.MAX,
                        "to-berlin",
                        TunnelMode.IPIP,
                        new LocalAddress.Fixed(IpFamily.IPV4.parse("192.0.2.1")),
                        IpFamily.IPV4.parse("192.0.2.2"),
                        Optional.empty(),
                        Optional.empty(),
                        OuterHeader.DEFAULT,
                        OptionalInt.empty(),
                        List.of(),
                        List.of(),
                        List.of(),
                        Optional.empty(),
                        AdoptionPolicy.NEVER,
                        false,
                        FallbackPolicy.REFUSE,
                        true,
                        false,
                        Optional.empty()));
    }

    @Test
    void a_probe_has_its_defaults_and_none_is_none() {
        // when
        List<Optional<ProbeSettings>> probes = Stream.of(
                        "{}", "{probe: {type: None, target: 10.9.0.2}}", "{probe: {type: ICMP}}")
                .map(fields -> read(IPIP, fields).probe())
                .toList();

        // then
        assertThat(probes)
                .containsExactly(
                        Optional.empty(),
                        Optional.empty(),
                        Optional.of(new ProbeSettings(
                                Optional.empty(), Duration.ofSeconds(10), Duration.ofSeconds(2), 3, 2, false)));
    }

    @Test
    void routes_that_go_while_packets_cannot_pass_are_told_from_the_others() {
        // when
        DesiredTunnel desired = read(
                IPIP,
                "{probe: {type: ICMP}, addresses: [{address: 10.7.0.1/30}], routes: ["
                        + "{destination: 10.9.0.0/16, withdraw: WhenUnreachable},"
                        + " {destination: 10.8.0.0/16, withdraw: Never}, {destination: 10.6.0.0/16}]}");

        // then
        assertThat(desired.withdrawable()).hasToString("[10.9.0.0/16]");
        assertThat(desired.missingRoutes()).isEmpty();
        assertThat(desired.withdrawn().routes()).hasToString("[10.8.0.0/16, 10.6.0.0/16]");
        assertThat(desired.withdrawn().missingRoutes()).hasToString("[10.9.0.0/16]");
    }

    @Test
    void reads_the_words_for_inherited_and_absent_values() {
        // when
        List<OuterHeader> headers = List.of(
                read(IPIP, "{ttl: inherit, dscp: inherit, pathMtuDiscovery: false}")
                        .outerHeader(),
                read(IP6IP6, "{ttl: inherit, flowLabel: inherit, encapsulationLimit: none}")
                        .outerHeader());

        // then
        assertThat(headers)
                .containsExactly(
                        new OuterHeader(0, OptionalInt.empty(), false, OptionalInt.empty(), OptionalInt.of(0)),
                        new OuterHeader(0, OptionalInt.of(0), true, OptionalInt.empty(), OptionalInt.empty()));
    }

    @Test
    void takes_the_local_address_from_the_source_in_the_spec() {
        // when
        List<LocalAddress> locals = List.of(
                read(IPIP, "{local: any}").local(),
                read(IPIP, "{local: null, parent: ppp0, localFrom: {type: Parent}}")
                        .local(),
                read(IPIP, "{local: null, localFrom: {type: NodeAddress}}").local(),
                read(IP6IP6, "{local: null, localFrom: {type: NodeAddress}}").local());

        // then
        assertThat(locals)
                .containsExactly(
                        new LocalAddress.Fixed(IpFamily.IPV4.any()),
                        new LocalAddress.OfInterface("ppp0"),
                        new LocalAddress.OfNode(Optional.of(IpFamily.IPV4.parse("198.51.100.7"))),
                        new LocalAddress.OfNode(Optional.of(IpFamily.IPV6.parse("2001:db8::7"))));
    }

    @ParameterizedTest
    @CsvSource({"Disabled, DISABLED", "Loose, LOOSE", "Strict, STRICT"})
    void reads_the_reverse_path_filter(String text, ReversePathFilter filter) {
        // when
        DesiredTunnel desired = read(IPIP, "{reversePathFilter: " + text + "}");

        // then
        assertThat(desired.reversePathFilter()).contains(filter);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{mode: gre} | spec.mode: \"gre\" is none of ipip, sit, ip6ip6, ipip6",
                "{interfaceName: tunl0} | spec.interfaceName: \"tunl0\" is a name that the kernel reserves: write another",
                "{parent: to-berlin} | spec.parent: the tunnel cannot be its own parent: write the interface that carries the outer packets, or leave parent out",
                "{vrf: to-berlin} | spec.vrf: the tunnel is no VRF: write the name of a VRF on the node, or leave vrf out",
                "{mtu: 67} | spec.mtu: mode ipip takes an MTU of 68 to 65515: write one of these, or leave mtu out to have it derived from the parent",
                "{mtu: 65516} | spec.mtu: mode ipip takes an MTU of 68 to 65515: write one of these, or leave mtu out to have it derived from the parent",
                "{mode: sit, reversePathFilter: Loose} | spec.reversePathFilter: mode sit carries IPv6, for which the kernel has no such filter: leave reversePathFilter out",
                "{reversePathFilter: \"2\"} | spec.reversePathFilter: \"2\" is none of Disabled, Loose, Strict",
                "{adoptionPolicy: Always} | spec.adoptionPolicy: \"Always\" is neither Never nor IfIdentical",
                "{deletionPolicy: Orphan} | spec.deletionPolicy: \"Orphan\" is neither Delete nor Retain",
                "{adminState: up} | spec.adminState: \"up\" is neither Up nor Down",
                "{ttl: 0} | spec.ttl: write a number from 1 to 255, without quotes, or \"inherit\"",
                "{ttl: 256} | spec.ttl: write a number from 1 to 255, without quotes, or \"inherit\"",
                "{ttl: \"64\"} | spec.ttl: write a number from 1 to 255, without quotes, or \"inherit\"",
                "{dscp: 64} | spec.dscp: write a number from 0 to 63, without quotes, or \"inherit\"",
                "{dscp: -1} | spec.dscp: write a number from 0 to 63, without quotes, or \"inherit\"",
                "{pathMtuDiscovery: false} | spec.pathMtuDiscovery: the kernel can work without path MTU discovery only if the TTL is copied from the inner packet: write ttl \"inherit\", or leave pathMtuDiscovery out",
                "{encapsulationLimit: 4} | spec.encapsulationLimit: mode ipip carries in IPv4, which has no encapsulation limit: leave encapsulationLimit out",
                "{flowLabel: 0} | spec.flowLabel: mode ipip carries in IPv4, which has no flow label: leave flowLabel out",
            })
    void refuses(String fields, String message) {
        // when
        var refused = assertThatExceptionOfType(InvalidSpecException.class).isThrownBy(() -> read(IPIP, fields));

        // then
        refused.withMessage(message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{pathMtuDiscovery: true} | spec.pathMtuDiscovery: mode ip6ip6 carries in IPv6, where routers do not fragment: leave pathMtuDiscovery out",
                "{encapsulationLimit: 256} | spec.encapsulationLimit: write a number from 0 to 255, without quotes, or \"none\"",
                "{encapsulationLimit: inherit} | spec.encapsulationLimit: write a number from 0 to 255, without quotes, or \"none\"",
                "{flowLabel: 1048576} | spec.flowLabel: write a number from 0 to 1048575, without quotes, or \"inherit\"",
                "{mtu: 1279} | spec.mtu: mode ip6ip6 takes an MTU of 1280 to 65535: write one of these, or leave mtu out to have it derived from the parent",
            })
    void refuses_in_an_ipv6_mode(String fields, String message) {
        // when
        var refused = assertThatExceptionOfType(InvalidSpecException.class).isThrownBy(() -> read(IP6IP6, fields));

        // then
        refused.withMessage(message);
    }

    @ParameterizedTest
    @CsvSource({"eth0/1", "a b", "sixteen-letters-", "''", ".", "..", "eth0:1", "tun%d", "tünnel"})
    void refuses_an_invalid_interface_name(String name) {
        // when
        var refused = assertThatExceptionOfType(InvalidSpecException.class)
                .isThrownBy(() -> InterfaceNameReader.readOfTunnel(name));

        // then
        refused.withMessage("spec.interfaceName: \"" + name
                + "\" is no name for an interface: write 1 to 15 printable ASCII"
                + " characters, none of them \"/\", \":\", \"%\" or a space, and neither \".\" nor \"..\"");
    }

    @Test
    void takes_an_alternative_name_of_up_to_127_characters() {
        // given
        String longest = "n".repeat(127);

        // when
        String read = InterfaceNameReader.readOfAny("spec.parent", longest);

        // then
        assertThat(read).isEqualTo(longest);
        assertThatExceptionOfType(InvalidSpecException.class)
                .isThrownBy(() -> InterfaceNameReader.readOfAny("spec.parent", longest + "n"))
                .withMessageContaining("write 1 to 127 printable ASCII characters");
    }

    @Test
    void refuses_an_invalid_time() {
        // given
        IpTunnel tunnel = tunnel(IpTunnels.spec(IPIP));
        tunnel.getMetadata().setCreationTimestamp("yesterday");

        // when
        var refused = assertThatExceptionOfType(InvalidSpecException.class).isThrownBy(() -> READER.read(tunnel));

        // then
        refused.withMessageStartingWith("metadata.creationTimestamp: ");
    }
}
