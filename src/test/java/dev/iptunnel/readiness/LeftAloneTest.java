package dev.iptunnel.readiness;

import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.observation.Observation;
import dev.iptunnel.observation.ObservedAddress;
import dev.iptunnel.observation.ObservedAddress.AddressFlag;
import dev.iptunnel.observation.ObservedLink;
import dev.iptunnel.observation.ObservedRoute;
import dev.iptunnel.observation.RouteDetails;
import dev.iptunnel.tunnel.DesiredTunnel;
import dev.iptunnel.tunnel.DesiredTunnelBuilder;
import dev.iptunnel.tunnel.InnerRoute;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.IpPrefix;
import dev.iptunnel.tunnel.Marks;
import dev.iptunnel.tunnel.TunnelMode;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class LeftAloneTest {
    private static final DesiredTunnel DESIRED = DesiredTunnelBuilder.of(Marks.of("to-berlin"), TunnelMode.IPIP)
            .addresses("10.7.0.1/30")
            .routes(route("10.9.0.0/16"))
            .build();

    private static InnerRoute route(String destination) {
        return new InnerRoute(IpPrefix.parse(IpFamily.IPV4, destination), Optional.empty(), InnerRoute.MAIN_TABLE, 0);
    }

    private static ObservedAddress address(String text, boolean ours, AddressFlag... flags) {
        IpFamily family = text.contains(":") ? IpFamily.IPV6 : IpFamily.IPV4;
        return new ObservedAddress(IpPrefix.parse(family, text), Optional.empty(), ours, Set.copyOf(List.of(flags)));
    }

    private static Optional<String> report(List<ObservedAddress> addresses, List<ObservedRoute> routes) {
        ObservedLink link = ObservedLink.builder(7, "to-berlin")
                .operState("UNKNOWN")
                .mtu(1480)
                .addresses(addresses)
                .routes(routes)
                .build();
        return LeftAlone.report(
                DESIRED, Observation.builder().named(Optional.of(link)).build());
    }

    @Test
    void is_empty_if_everything_is_ours_or_desired_or_the_kernels() {
        // given
        List<ObservedAddress> addresses = List.of(
                address("10.7.0.1/30", false),
                address("10.8.0.1/30", true),
                address("fe80::1/64", false, AddressFlag.NOT_GLOBAL),
                address("::192.0.2.1/96", false));
        List<ObservedRoute> routes = List.of(
                new ObservedRoute(route("10.9.0.0/16"), 12, false, RouteDetails.PLAIN),
                new ObservedRoute(route("10.10.0.0/16"), 173, true, RouteDetails.PLAIN),
                new ObservedRoute(route("10.11.0.0/16"), 2, false, RouteDetails.PLAIN),
                new ObservedRoute(route("10.12.0.0/16"), 9, false, RouteDetails.PLAIN));

        // when
        Optional<String> report = report(addresses, routes);

        // then
        assertThat(report).isEmpty();
    }

    @Test
    void names_addresses_but_only_the_protocols_of_routes() {
        // given
        List<ObservedAddress> addresses = List.of(address("10.99.0.1/24", false), address("10.66.0.1/24", false));
        List<ObservedRoute> routes = Stream.of("10.1.0.0/16", "10.2.0.0/16")
                .map(destination -> new ObservedRoute(route(destination), 12, false, RouteDetails.PLAIN))
                .toList();

        // when
        Optional<String> report = report(addresses, routes);

        // then
        assertThat(report).contains("address 10.66.0.1/24, address 10.99.0.1/24, routes of protocol 12");
    }

    @Test
    void names_eight_and_counts_the_rest() {
        // given
        List<ObservedAddress> addresses = IntStream.range(1, 20)
                .mapToObj(host -> address("10.99.0." + host + "/24", false))
                .toList();

        // when
        Optional<String> report = report(addresses, List.of());

        // then
        assertThat(report.orElseThrow().split(", ", -1)).hasSize(8);
        assertThat(report.orElseThrow()).endsWith(" and 11 more");
    }
}
