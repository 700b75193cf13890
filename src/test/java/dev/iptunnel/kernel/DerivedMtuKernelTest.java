package dev.iptunnel.kernel;

import static dev.iptunnel.kernel.TunnelNode.tunnel;
import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.readiness.Readiness;
import dev.iptunnel.tunnel.DesiredTunnel;
import dev.iptunnel.tunnel.DesiredTunnelBuilder;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.OuterHeader;
import dev.iptunnel.tunnel.TunnelMode;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The MTU that we derive is the one that the kernel derives, and one that does not fit is told. */
@Tag("kernel")
class DerivedMtuKernelTest {
    private static final OuterHeader WITH_LIMIT =
            new OuterHeader(64, OptionalInt.of(0), true, OptionalInt.of(4), OptionalInt.of(0));

    @RegisterExtension
    final TunnelNode node = new TunnelNode();

    @ParameterizedTest
    @CsvSource({
        "IPIP, false, 1280, 1260, ''",
        "IPIP, false, 1492, 1472, ''",
        "IPIP, false, 9000, 8980, ''",
        "SIT, false, 1280, 1280, 1260",
        "SIT, false, 1492, 1472, ''",
        "SIT, false, 9000, 8980, ''",
        "IP6IP6, false, 1280, 1280, 1240",
        "IP6IP6, false, 1492, 1452, ''",
        "IP6IP6, false, 9000, 8960, ''",
        "IP6IP6, true, 1280, 1280, 1232",
        "IP6IP6, true, 1492, 1444, ''",
        "IPIP6, false, 1280, 1280, 1240",
        "IPIP6, true, 9000, 8952, ''",
    })
    void it_is_the_kernels_for_parents_of_all_sizes(
            TunnelMode mode, boolean limit, int outer, int derived, String fitting) {
        Iproute2.batch("link set under0 mtu " + outer);
        DesiredTunnelBuilder tunnel = limit ? tunnel("tun", mode).outerHeader(WITH_LIMIT) : tunnel("tun", mode);
        DesiredTunnel desired = tunnel.build();

        node.program(tunnel);

        assertThat(Iproute2.mtu("tun")).isEqualTo(derived);
        Optional<String> remark = Readiness.remark(desired, node.kernel.observe(desired));
        assertThat(remark.isPresent()).as(remark.toString()).isEqualTo(!fitting.isEmpty());
        remark.ifPresent(text -> assertThat(text).contains("more than the " + fitting + " bytes"));
        node.remove("tun");
        Iproute2.batch("link add twin type " + oracle(mode, limit));
        assertThat(Iproute2.mtu("twin")).isEqualTo(derived);
    }

    private static String oracle(TunnelMode mode, boolean limit) {
        return mode.outer() == IpFamily.IPV4
                ? mode.driver().kind() + " local 192.0.2.1 remote 192.0.2.2 dev under0 ttl 64"
                : "ip6tnl mode " + mode + " local 2001:db8::1 remote 2001:db8::2 dev under0 hoplimit 64 encaplimit "
                        + (limit ? "4" : "none");
    }

    @ParameterizedTest
    @CsvSource({"IPIP, 1472", "SIT, 1472", "IP6IP6, 1452", "IPIP6, 1452"})
    void without_a_parent_it_comes_from_the_route_to_the_remote_and_follows_it(TunnelMode mode, int derived) {
        Iproute2.batch("link set under0 mtu 1492");
        DesiredTunnelBuilder desired = tunnel("tun", mode).parent(Optional.empty());
        node.program(desired);
        assertThat(Iproute2.mtu("tun")).isEqualTo(derived);
        int ifindex = Iproute2.ifindex("tun");
        Iproute2.batch("link set under0 mtu 1400");

        node.program(desired);

        assertThat(Iproute2.mtu("tun")).isEqualTo(derived - 92);
        assertThat(Iproute2.ifindex("tun")).isEqualTo(ifindex);
    }

    @Test
    void an_override_that_does_not_fit_is_made_and_told() {
        DesiredTunnel desired =
                tunnel("tun", TunnelMode.IPIP).mtu(OptionalInt.of(1500)).build();

        node.program(tunnel("tun", TunnelMode.IPIP).mtu(OptionalInt.of(1500)));

        assertThat(Iproute2.mtu("tun")).isEqualTo(1500);
        assertThat(Readiness.remark(desired, node.kernel.observe(desired)))
                .hasValueSatisfying(remark -> assertThat(remark).contains("(spec.mtu) is more than the 1480 bytes"));
    }
}
