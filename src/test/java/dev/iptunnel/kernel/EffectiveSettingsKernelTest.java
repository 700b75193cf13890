package dev.iptunnel.kernel;

import static dev.iptunnel.kernel.TunnelNode.tunnel;
import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.observation.Observation;
import dev.iptunnel.plan.Reason;
import dev.iptunnel.plan.Refusal;
import dev.iptunnel.readiness.Readiness;
import dev.iptunnel.tunnel.DesiredTunnelBuilder;
import dev.iptunnel.tunnel.ReversePathFilter;
import dev.iptunnel.tunnel.TunnelMode;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Settings of all interfaces that decide over the tunnel's packets. */
@Tag("kernel")
class EffectiveSettingsKernelTest {
    @RegisterExtension
    @Order(1)
    final TunnelNode node = new TunnelNode();

    @RegisterExtension
    @Order(2)
    final Peer peer = new Peer();

    private final BlockingQueue<KernelEvent> events = new LinkedBlockingQueue<>();

    @AfterEach
    void restore() {
        Iproute2.run("sysctl -q -w net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0"
                + " net.ipv6.conf.all.disable_ipv6=0 net.ipv6.conf.all.forwarding=0");
    }

    private Observation observed(DesiredTunnelBuilder desired) {
        return node.kernel.observe(desired.build());
    }

    private Optional<Refusal> obstacle(DesiredTunnelBuilder desired) {
        return Readiness.obstacle(desired.build(), observed(desired));
    }

    private Optional<String> remark(DesiredTunnelBuilder desired) {
        return Readiness.remark(desired.build(), observed(desired));
    }

    /** Packets whose source is routed elsewhere. */
    private static int lost() {
        Peer.tunnel(TunnelMode.IPIP);
        Peer.run("address add 203.0.113.9/32 dev far", "route add 10.9.0.1/32 dev far src 203.0.113.9");
        Iproute2.run("ip route add 203.0.113.0/24 dev under1");
        return Peer.ping("-I", "203.0.113.9", "10.9.0.1").lost();
    }

    @ParameterizedTest
    @CsvSource({
        "DISABLED, 0, false, false",
        "DISABLED, 1, true, false",
        "DISABLED, 2, true, false",
        "LOOSE, 0, false, false",
        "LOOSE, 1, false, false",
        "LOOSE, 2, false, false",
        "STRICT, 0, false, false",
        "STRICT, 1, false, false",
        "STRICT, 2, false, true",
    })
    void the_larger_reverse_path_filter_is_what_is_told(
            ReversePathFilter asked, int all, boolean refused, boolean remarked) {
        DesiredTunnelBuilder desired = tunnel("tun", TunnelMode.IPIP).reversePathFilter(asked);
        Iproute2.run("sysctl -q -w net.ipv4.conf.all.rp_filter=" + all);
        node.program(desired);

        assertThat(obstacle(desired).map(Refusal::reason))
                .isEqualTo(refused ? Optional.of(Reason.REVERSE_PATH_FILTER_OVERRIDDEN) : Optional.empty());
        assertThat(remark(desired).isPresent()).isEqualTo(remarked);
    }

    @Test
    void a_filter_that_is_overridden_drops_what_the_message_says() {
        DesiredTunnelBuilder desired = tunnel("tun", TunnelMode.IPIP).reversePathFilter(ReversePathFilter.DISABLED);
        node.program(desired);
        Iproute2.run("sysctl -q -w net.ipv4.conf.all.rp_filter=1");

        assertThat(obstacle(desired)).hasValueSatisfying(refusal -> assertThat(refusal.message())
                .contains("net.ipv4.conf.all.rp_filter is 1")
                .contains("set net.ipv4.conf.all.rp_filter to 0"));
        assertThat(lost()).isPositive();
    }

    @ParameterizedTest
    @CsvSource({"all, 1, true", "all, 2, false", "default, 1, true", "default, 2, false"})
    void a_strict_filter_that_nobody_asked_for_is_remarked(String whose, int value, boolean remarked) {
        Iproute2.run("sysctl -q -w net.ipv4.conf." + whose + ".rp_filter=" + value);
        DesiredTunnelBuilder desired = tunnel("tun", TunnelMode.IPIP);
        node.program(desired);

        assertThat(obstacle(desired)).isEmpty();
        assertThat(remark(desired).isPresent()).isEqualTo(remarked);
    }

    @Test
    void the_filter_of_all_interfaces_that_changes_is_told() throws InterruptedException {
        DesiredTunnelBuilder desired = tunnel("tun", TunnelMode.IPIP).reversePathFilter(ReversePathFilter.DISABLED);
        node.program(desired);
        node.kernel.watch(events::add);
        awaitRecalled(desired, false);
        events.clear();

        Iproute2.run("sysctl -q -w net.ipv4.conf.all.rp_filter=1");

        awaitRecalled(desired, true);
        Instant deadline = Instant.now().plusSeconds(30);
        while (!events.contains(new KernelEvent.EverythingChanged())) {
            assertThat(Instant.now()).isBefore(deadline);
            Thread.sleep(5);
        }
    }

    private void awaitRecalled(DesiredTunnelBuilder desired, boolean overridden) throws InterruptedException {
        Instant deadline = Instant.now().plusSeconds(30);
        while (!node.kernel
                .recall(desired.build())
                .map(observed -> Readiness.obstacle(desired.build(), observed).isPresent())
                .equals(Optional.of(overridden))) {
            assertThat(Instant.now()).isBefore(deadline);
            Thread.sleep(5);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"SIT", "IP6IP6"})
    void ipv6_that_is_disabled_is_told_of_a_tunnel_without_addresses_too(TunnelMode mode) throws InterruptedException {
        DesiredTunnelBuilder desired = tunnel("tun", mode).addresses();
        node.program(desired);
        node.kernel.watch(events::add);
        awaitRecalled(desired, false);

        Iproute2.run("sysctl -q -w net.ipv6.conf.tun.disable_ipv6=1");

        awaitRecalled(desired, true);
        assertThat(obstacle(desired).map(Refusal::reason)).contains(Reason.IPV6_DISABLED);
    }

    @ParameterizedTest
    @EnumSource(names = {"SIT", "IP6IP6"})
    void router_advertisements_that_are_taken_are_remarked(TunnelMode mode) {
        DesiredTunnelBuilder desired = tunnel("tun", mode);
        node.program(desired);
        Iproute2.run("sysctl -q -w net.ipv6.conf.tun.accept_ra=1");
        assertThat(remark(desired))
                .hasValueSatisfying(remark -> assertThat(remark).contains("net.ipv6.conf.tun.accept_ra"));

        Iproute2.run("sysctl -q -w net.ipv6.conf.tun.accept_ra=0");

        assertThat(remark(desired)).isEmpty();
        Iproute2.run("sysctl -q -w net.ipv6.conf.tun.accept_ra=1 net.ipv6.conf.all.forwarding=1");
        assertThat(remark(desired)).isEmpty();
    }
}
