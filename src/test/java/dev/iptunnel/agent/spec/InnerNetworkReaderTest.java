package dev.iptunnel.agent.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.iptunnel.api.v1alpha1.TunnelAddress;
import dev.iptunnel.api.v1alpha1.TunnelRoute;
import dev.iptunnel.tunnel.InnerAddress;
import dev.iptunnel.tunnel.InnerRoute;
import dev.iptunnel.tunnel.TunnelMode;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class InnerNetworkReaderTest {
    private static List<InnerAddress> addresses(TunnelMode mode, TunnelAddress... addresses) {
        return InnerNetworkReader.addresses(mode, List.of(addresses));
    }

    private static TunnelAddress address(String address) {
        return new TunnelAddress(address, null);
    }

    private static List<InnerRoute> routes(TunnelMode mode, TunnelRoute... routes) {
        return InnerNetworkReader.routes(
                mode,
                List.of(routes),
                addresses(mode, address(mode == TunnelMode.IPIP ? "10.7.0.1/30" : "fd00:7::1/64")));
    }

    @Test
    void reads_an_address_once_in_each_network() {
        // when
        List<InnerAddress> read =
                addresses(TunnelMode.IPIP, address("10.7.0.1/30"), address("10.7.0.1/24"), address("127.0.0.9/8"));

        // then
        assertThat(read.stream().map(InnerAddress::toString))
                .containsExactly("10.7.0.1/30", "10.7.0.1/24", "127.0.0.9/8");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            value = {
                "IPIP | 10.7.0.1 | - | spec.addresses[0].address: \"10.7.0.1\" is no address with its prefix length: write one like 192.168.7.1/30 or fd00:7::1/64",
                "IPIP | fd00:7::1/64 | - | spec.addresses[0].address: mode ipip carries IPv4, so write IPv4 addresses, like 192.168.7.1/30",
                "SIT | 10.7.0.1/30 | - | spec.addresses[0].address: mode sit carries IPv6, so write IPv6 addresses, like fd00:7::1/64",
                "IPIP | 10.7.0.1/33 | - | spec.addresses[0].address: \"10.7.0.1/33\" is no address with its prefix length: write one like 192.168.7.1/30 or fd00:7::1/64",
                "IPIP | 0.0.0.0/24 | - | spec.addresses[0].address: \"0.0.0.0/24\" is not an address that a tunnel's interface can have: write one like 192.168.7.1/30 or fd00:7::1/64",
                "IPIP | 224.1.1.1/24 | - | spec.addresses[0].address: \"224.1.1.1/24\" is not an address that a tunnel's interface can have: write one like 192.168.7.1/30 or fd00:7::1/64",
                "IPIP | 255.255.255.255/32 | - | spec.addresses[0].address: \"255.255.255.255/32\" is not an address that a tunnel's interface can have: write one like 192.168.7.1/30 or fd00:7::1/64",
                "SIT | ::1/128 | - | spec.addresses[0].address: \"::1/128\" is not an address that a tunnel's interface can have: write one like 192.168.7.1/30 or fd00:7::1/64",
                "IPIP | 10.7.0.1/32 | 10.7.0.1 | spec.addresses[0].peer: the peer is the same address: write the address of the tunnel's other end, or leave peer out",
                "IPIP | 10.7.0.1/32 | 10.7.0.2/32 | spec.addresses[0].peer: \"10.7.0.2/32\" is no address: write one without a prefix length, like 192.168.7.2 or fd00:7::2",
                "SIT | fd00:7::1/128 | ff02::1 | spec.addresses[0].peer: \"ff02::1\" is not an address that the other end can have: write one like 192.168.7.2 or fd00:7::2",
            })
    void refuses_an_address(TunnelMode mode, String address, @Nullable String peer, String message) {
        // when
        var refused = assertThatExceptionOfType(InvalidSpecException.class)
                .isThrownBy(() -> addresses(mode, new TunnelAddress(address, peer)));

        // then
        refused.withMessage(message);
    }

    @ParameterizedTest
    @CsvSource({
        "IPIP, 10.7.0.1/30, 10.7.0.1/30",
        "SIT, fd00:7::1/64, FD00:7:0::1/64",
        "SIT, fd00:7::1/64, fd00:7::1/48",
    })
    void refuses_an_address_that_the_kernel_accepts_only_once(TunnelMode mode, String one, String other) {
        // when
        var refused = assertThatExceptionOfType(InvalidSpecException.class)
                .isThrownBy(() -> addresses(mode, address(one), address(other)));

        // then
        refused.withMessage("spec.addresses[1].address: the same address twice, in another spelling or with another"
                + " prefix length, and an interface has an IPv6 address only once: leave one of the two out");
    }

    @Test
    void reads_routes_that_differ_in_table_or_metric() {
        // when
        List<InnerRoute> read = routes(
                TunnelMode.IPIP,
                new TunnelRoute("10.9.0.0/16", "10.7.0.2", null, null, null),
                new TunnelRoute("10.9.0.0/16", null, 100L, null, null),
                new TunnelRoute("10.9.0.0/16", null, 4294967295L, 4294967295L, null),
                new TunnelRoute("10.9.0.0/16", null, null, 1024L, null));

        // then
        assertThat(read.stream().map(InnerRoute::toString))
                .containsExactly(
                        "10.9.0.0/16 via 10.7.0.2",
                        "10.9.0.0/16 table 100",
                        "10.9.0.0/16 table 4294967295 metric 4294967295",
                        "10.9.0.0/16 metric 1024");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            value = {
                "IPIP | default | - | 254 | 0 | spec.routes[0].destination: \"default\" is no network with its prefix length: write one like 10.9.0.0/16 or fd00:9::/48, or 0.0.0.0/0 or ::/0 for every address",
                "IPIP | 10.9.0.1/16 | - | 254 | 0 | spec.routes[0].destination: \"10.9.0.1/16\" is not how this network is written: write 10.9.0.0/16",
                "SIT | FD00:9:0::/48 | - | 254 | 0 | spec.routes[0].destination: \"FD00:9:0::/48\" is not how this network is written: write fd00:9::/48",
                "SIT | 10.9.0.0/16 | - | 254 | 0 | spec.routes[0].destination: mode sit carries IPv6, so write IPv6 destinations, like fd00:9::/48",
                "IPIP | 10.9.0.0/16 | - | 0 | 0 | spec.routes[0].table: write a number from 1 to 4294967295",
                "IPIP | 10.9.0.0/16 | - | 255 | 0 | spec.routes[0].table: 255 is the table where the kernel keeps the node's own addresses: write another, 254 is the main one",
                "IPIP | 10.9.0.0/16 | - | 4294967296 | 0 | spec.routes[0].table: write a number from 1 to 4294967295",
                "IPIP | 10.9.0.0/16 | - | 254 | -1 | spec.routes[0].metric: write a number from 0 to 4294967295",
                "IPIP | 10.9.0.0/16 | - | 254 | 4294967296 | spec.routes[0].metric: write a number from 0 to 4294967295",
                "IPIP | 10.9.0.0/16 | 127.0.0.9 | 254 | 0 | spec.routes[0].gateway: \"127.0.0.9\" is not an address that the other end can have: write one like 192.168.7.2 or fd00:7::2",
                "IPIP | 10.9.0.0/16 | fd00::2 | 254 | 0 | spec.routes[0].gateway: mode ipip carries IPv4, so write IPv4 gateways, like 192.168.7.2",
                "IPIP | 10.9.0.0/16 | 10.7.0.1 | 254 | 0 | spec.routes[0].gateway: a gateway is one of the tunnel's own addresses: write the address of a router at the other end, or leave gateway out",
                "SIT | fd00:9::/48 | FD00:7:0::1 | 254 | 0 | spec.routes[0].gateway: a gateway is one of the tunnel's own addresses: write the address of a router at the other end, or leave gateway out",
            })
    void refuses_a_route(
            TunnelMode mode, String destination, @Nullable String gateway, long table, long metric, String message) {
        // when
        var refused = assertThatExceptionOfType(InvalidSpecException.class)
                .isThrownBy(() -> routes(mode, new TunnelRoute(destination, gateway, table, metric, null)));

        // then
        refused.withMessage(message);
    }

    @ParameterizedTest
    @CsvSource({"IPIP, 10.9.0.0/16, 0", "SIT, fd00:9::/48, 1024"})
    void refuses_a_route_that_is_the_same_as_another_for_the_kernel(TunnelMode mode, String destination, long metric) {
        // when
        var refused = assertThatExceptionOfType(InvalidSpecException.class)
                .isThrownBy(() -> routes(
                        mode,
                        new TunnelRoute(destination, null, null, 0L, null),
                        new TunnelRoute(destination, null, null, metric, null)));

        // then
        refused.withMessage("spec.routes[1]: two routes to the same destination with one table and one metric, and a"
                + " route without them has table 254 and metric 0, for IPv6 metric 1024: leave one of the two out, or write"
                + " another metric");
    }
}
