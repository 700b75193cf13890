package dev.iptunnel.kernel;

import static dev.iptunnel.kernel.TunnelNode.tunnel;
import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.tunnel.InnerRoute;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.IpPrefix;
import dev.iptunnel.tunnel.TunnelMode;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** systemd-networkd takes every interface for its own that a {@code .network} file of the administrator's matches. */
@Tag("kernel")
class NetworkdKernelTest {
    private static final String EVERYTHING = """
            [Match]
            Name=*
            """;
    private static final String TUNNELS_UNMANAGED =
            """
            [Match]
            Kind=ipip sit ip6tnl

            [Link]
            Unmanaged=yes
            """;

    @RegisterExtension
    @Order(1)
    final TunnelNode node = new TunnelNode();

    @RegisterExtension
    @Order(2)
    final Networkd networkd = new Networkd();

    /** One of each driver, since networkd takes a while to start. */
    private static final List<TunnelMode> MODES = List.of(TunnelMode.IPIP, TunnelMode.SIT, TunnelMode.IP6IP6);

    private void program() {
        MODES.forEach(mode -> node.program(tunnel(name(mode), mode)
                .addresses(isInner4(mode) ? "10.9.0.1/30" : network(mode) + "1::1/64")
                .routes(new InnerRoute(
                        IpPrefix.parse(mode.inner(), destination(mode)),
                        Optional.empty(),
                        InnerRoute.MAIN_TABLE,
                        50))));
    }

    private static String name(TunnelMode mode) {
        return "tun-" + mode;
    }

    private static boolean isInner4(TunnelMode mode) {
        return mode.inner() == IpFamily.IPV4;
    }

    private static String network(TunnelMode mode) {
        return (mode == TunnelMode.SIT ? "fd01:" : "fd02:");
    }

    private static String destination(TunnelMode mode) {
        return isInner4(mode) ? "10.50.0.0/16" : network(mode) + "2::/64";
    }

    private static Map<TunnelMode, List<String>> each(Function<TunnelMode, List<String>> shown) {
        return MODES.stream().collect(Collectors.toMap(Function.identity(), shown));
    }

    private static List<String> addresses(TunnelMode mode) {
        return Iproute2.addresses(name(mode)).stream()
                .filter(address -> !address.startsWith("::"))
                .toList();
    }

    private static List<String> routes(TunnelMode mode) {
        return Iproute2.routes(destination(mode) + " dev " + name(mode));
    }

    @Test
    void it_takes_the_addresses_and_routes_of_tunnels_and_they_come_back() {
        program();
        Map<TunnelMode, List<String>> addresses = each(NetworkdKernelTest::addresses);
        Map<TunnelMode, List<String>> routes = each(NetworkdKernelTest::routes);

        networkd.start(EVERYTHING);

        assertThat(each(NetworkdKernelTest::addresses).values())
                .allSatisfy(list -> assertThat(list).isEmpty());
        assertThat(each(NetworkdKernelTest::routes).values())
                .allSatisfy(list -> assertThat(list).isEmpty());
        Iproute2.batch(TunnelNode.configuration("under0", TunnelNode.UNDER0).toArray(String[]::new));
        program();
        assertThat(each(NetworkdKernelTest::addresses)).isEqualTo(addresses);
        assertThat(each(NetworkdKernelTest::routes)).isEqualTo(routes);
        assertThat(routes.values()).noneMatch(List::isEmpty);
    }

    @Test
    void it_leaves_tunnels_alone_that_a_file_says_are_unmanaged() {
        program();
        List<String> before =
                MODES.stream().map(mode -> Iproute2.device(name(mode))).toList();
        Map<TunnelMode, List<String>> routes = each(NetworkdKernelTest::routes);

        networkd.start(TUNNELS_UNMANAGED, EVERYTHING);

        assertThat(MODES.stream().map(mode -> Iproute2.device(name(mode)))).isEqualTo(before);
        assertThat(each(NetworkdKernelTest::routes)).isEqualTo(routes);
        assertThat(routes.values()).noneMatch(List::isEmpty);
    }
}
