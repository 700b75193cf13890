package dev.iptunnel.kernel;

import static dev.iptunnel.kernel.TunnelNode.tunnel;
import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.plan.Reason;
import dev.iptunnel.plan.Refusal;
import dev.iptunnel.tunnel.DesiredTunnelBuilder;
import dev.iptunnel.tunnel.FallbackPolicy;
import dev.iptunnel.tunnel.TunnelDriver;
import dev.iptunnel.tunnel.TunnelMode;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A tunnel of others to any remote, as Flannel's, or a 6to4 tunnel, receives what no more specific tunnel takes. */
@Tag("kernel")
class AnyRemoteDeviceKernelTest {
    @RegisterExtension
    final TunnelNode node = new TunnelNode();

    private static void theirs(String type, String... routes) {
        Iproute2.batch("link add theirs type " + type, "link set theirs up");
        for (String route : routes) {
            Iproute2.run("ip route add " + route + " dev theirs");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "IPIP, 192.0.2.2, ipip local 192.0.2.1, 10.244.1.0/24 via 192.0.2.2 onlink",
        "IPIP, 192.0.2.2, ipip local 192.0.2.1, 192.0.2.2/32",
        "IPIP, 192.0.2.2, ipip local 192.0.2.1, 10.1.0.0/24 nexthop via 192.0.2.2 dev theirs onlink nexthop via 192.0.2.9 onlink",
        "IPIP, 192.0.2.2, ipip local any dev under0, 10.244.1.0/24 via 192.0.2.2 onlink",
        "SIT, 192.0.2.2, sit local 192.0.2.1, 2002:c000:202::/48",
        "SIT, 192.0.2.2, sit local 192.0.2.1, 3fff::/20 via ::192.0.2.2",
        "IP6IP6, 2001:db8:f::2, ip6tnl local 2001:db8::1, 3fff::/20 via 2001:db8:f::2 onlink",
        "IPIP6, 2001:db8:f::2, ip6tnl mode any local 2001:db8::1, 10.244.1.0/24 via inet6 2001:db8:f::2 onlink",
    })
    void a_tunnel_that_would_take_its_packets_is_refused(TunnelMode mode, String remote, String type, String route) {
        theirs(type, route);
        String before = Iproute2.device("theirs");

        Refusal refusal = node.refusal(tunnel("tun", mode).remote(remote));

        assertThat(refusal.reason()).isEqualTo(Reason.FALLBACK_IN_USE);
        assertThat(refusal.message()).contains("dev theirs");
        assertThat(Iproute2.exists("tun")).isFalse();
        assertThat(Iproute2.device("theirs")).isEqualTo(before);
    }

    @ParameterizedTest
    @CsvSource({
        "IPIP, 192.0.2.2, ipip local 192.0.2.9, 10.244.1.0/24 via 192.0.2.2 onlink",
        "IPIP, 192.0.2.2, ipip local 192.0.2.1, 10.244.1.0/24 via 192.0.2.7 onlink",
        "IPIP, 192.0.2.2, sit local 192.0.2.1, 3fff::/20 via ::192.0.2.2",
        "IP6IP6, 2001:db8:f::2, ip6tnl local 2001:db8::9, 3fff::/20 via 2001:db8:f::2 onlink",
    })
    void one_that_receives_other_packets_disturbs_nobody(TunnelMode mode, String remote, String type, String route) {
        theirs(type, route);
        Iproute2.batch("route add default via 2001:db8::ffff dev under0");

        assertThat(node.program(tunnel("tun", mode).remote(remote))).isEmpty();

        assertThat(node.obstacle(tunnel("tun", mode).remote(remote))).isEmpty();
    }

    @Test
    void a_tunnel_that_was_there_first_says_so_when_the_other_comes() throws InterruptedException {
        BlockingQueue<KernelEvent> events = new LinkedBlockingQueue<>();
        node.program(tunnel("tun", TunnelMode.IPIP));
        node.kernel.watch(events::add);

        theirs("ipip local 192.0.2.1", "10.244.1.0/24 via 192.0.2.2 onlink proto bird");

        KernelEvent event = events.poll(30, TimeUnit.SECONDS);
        while (event != null && !event.equals(new KernelEvent.FallbackChanged(TunnelDriver.IPIP))) {
            event = events.poll(30, TimeUnit.SECONDS);
        }
        assertThat(event).isNotNull();
        assertThat(node.obstacle(tunnel("tun", TunnelMode.IPIP)))
                .map(Refusal::reason)
                .contains(Reason.FALLBACK_IN_USE);
        Iproute2.batch("link delete dev theirs");
        assertThat(node.obstacle(tunnel("tun", TunnelMode.IPIP))).isEmpty();
    }

    @Test
    void a_tunnel_of_ours_to_any_remote_is_no_such_device() {
        DesiredTunnelBuilder hub = tunnel("hub", TunnelMode.IPIP).remote("any").addresses("10.9.0.1/24");
        node.program(hub);

        assertThat(node.program(tunnel("tun", TunnelMode.IPIP))).isEmpty();

        assertThat(node.obstacle(tunnel("tun", TunnelMode.IPIP))).isEmpty();
        assertThat(node.obstacle(hub)).isEmpty();
    }

    @Test
    void a_tunnel_to_any_remote_that_is_the_wanted_one_is_taken_over() {
        Iproute2.batch(
                "link add tun type ipip mode ipip local 192.0.2.1 dev under0 ttl 64",
                "address add 10.9.0.1/24 dev tun",
                "link set tun up");

        assertThat(node.program(tunnel("tun", TunnelMode.IPIP)
                        .remote("any")
                        .addresses("10.9.0.1/24")
                        .adoptIfIdentical()))
                .isEmpty();
    }

    @Test
    void a_tunnel_that_is_down_takes_no_packets_and_is_made() {
        theirs("ipip local 192.0.2.1", "10.244.1.0/24 via 192.0.2.2 onlink");

        assertThat(node.program(tunnel("tun", TunnelMode.IPIP).up(false))).isEmpty();

        assertThat(node.refusal(tunnel("tun", TunnelMode.IPIP)).reason()).isEqualTo(Reason.FALLBACK_IN_USE);
        assertThat(Iproute2.run("ip link show tun")).contains("state DOWN");
    }

    @Test
    void a_tunnel_that_waits_as_its_policy_asks_is_not_stalled() {
        theirs("ipip local 192.0.2.1", "10.244.1.0/24 via 192.0.2.2 onlink");

        assertThat(node.refusal(tunnel("tun", TunnelMode.IPIP).fallbackPolicy(FallbackPolicy.YIELD))
                        .stalls())
                .isFalse();
        assertThat(node.refusal(tunnel("tun", TunnelMode.IPIP).parent(Optional.empty()))
                        .stalls())
                .isTrue();
    }
}
