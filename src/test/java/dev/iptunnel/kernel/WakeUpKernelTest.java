package dev.iptunnel.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.agent.InterceptedKernel;
import dev.iptunnel.agent.Tunnels;
import dev.iptunnel.agent.reconcile.OfflineReconciler;
import dev.iptunnel.api.IpTunnels;
import dev.iptunnel.api.v1alpha1.IpTunnel;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.TunnelMode;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The kernel also tells of the agent's own changes. These wake nothing, and those of others do. */
@Tag("kernel")
@Timeout(120)
class WakeUpKernelTest {
    private static final int TUNNELS = 20;
    private static final int QUIET_MILLISECONDS = 300;
    private static final int PATIENCE_SECONDS = 30;

    @RegisterExtension
    final TunnelNode node = new TunnelNode();

    private final Queue<Runnable> afterReading = new ConcurrentLinkedQueue<>();
    private final Queue<Runnable> afterPlans = new ConcurrentLinkedQueue<>();
    private final List<String> woken = new CopyOnWriteArrayList<>();
    private final OfflineReconciler agent = new OfflineReconciler(
            Tunnels.NODE,
            _ -> new InterceptedKernel(node.kernel, () -> happen(afterReading), _ -> {}, () -> happen(afterPlans)));

    private static void happen(Queue<Runnable> next) {
        Runnable act = next.poll();
        if (act != null) {
            act.run();
        }
    }

    @BeforeEach
    void watch() {
        agent.source.setEventHandler(
                event -> woken.add(event.getRelatedCustomResourceID().getName()));
        agent.source.start();
        node.kernel.watch(agent.source::handle);
    }

    @AfterEach
    void close() {
        agent.close();
    }

    /** Most of them, since the agent waits only for a moment, which is too short on a machine that is very busy. */
    @ParameterizedTest
    @EnumSource
    void tunnels_that_the_agent_makes_are_not_reconciled_for_that_again(TunnelMode mode) throws InterruptedException {
        List<IpTunnel> tunnels = IntStream.rangeClosed(1, TUNNELS)
                .mapToObj(number -> tunnel(mode, number))
                .toList();

        tunnels.forEach(agent::reconcile);

        awaitQuiet();
        assertThat(Iproute2.interfaceNames()).contains("tun1", "tun" + TUNNELS);
        assertThat(woken.stream().distinct().count()).as("%s", woken).isLessThan(TUNNELS / 2);
    }

    private void awaitQuiet() throws InterruptedException {
        for (int before = -1; before != woken.size(); ) {
            before = woken.size();
            Thread.sleep(QUIET_MILLISECONDS);
        }
    }

    @Test
    void a_change_right_after_the_plan_is_repaired_by_the_same_reconciliation() {
        afterPlans.add(WakeUpKernelTest::damage);

        agent.reconcile(tunnel(TunnelMode.IPIP, 1));

        assertThat(Iproute2.mtu("tun1")).isEqualTo(1480);
    }

    @Test
    void a_change_after_the_tunnel_was_read_again_wakes_the_tunnel() throws InterruptedException {
        IpTunnel tunnel = tunnel(TunnelMode.IPIP, 1);
        afterReading.add(() -> {});
        afterReading.add(WakeUpKernelTest::damage);

        agent.reconcile(tunnel);

        Instant deadline = Instant.now().plusSeconds(PATIENCE_SECONDS);
        while (woken.isEmpty()) {
            assertThat(Instant.now()).as("woken").isBefore(deadline);
            Thread.sleep(10);
        }
        assertThat(Iproute2.mtu("tun1")).isEqualTo(1300);
        agent.reconcile(tunnel);
        assertThat(Iproute2.mtu("tun1")).isEqualTo(1480);
    }

    private static void damage() {
        Iproute2.batch("link set tun1 mtu 1300");
    }

    private static IpTunnel tunnel(TunnelMode mode, int number) {
        boolean outer4 = mode.outer() == IpFamily.IPV4;
        boolean inner4 = mode.inner() == IpFamily.IPV4;
        IpTunnel tunnel = Tunnels.of(
                "tun" + number,
                mode.name().toLowerCase(Locale.ROOT),
                outer4 ? "192.0.2.1" : "2001:db8::1",
                "under0",
                "Up");
        tunnel.setSpec(IpTunnels.with(
                tunnel.getSpec(),
                """
                remote: "%s"
                addresses: [{address: "%s"}]
                routes: [{destination: "%s"}]
                """
                        .formatted(
                                (outer4 ? "192.0.2.1" : "2001:db8::1") + number,
                                inner4 ? "10.9." + number + ".1/30" : "fd09:" + number + "::1/64",
                                inner4 ? "10.88." + number + ".0/24" : "fd88:" + number + "::/64")));
        return tunnel;
    }
}
