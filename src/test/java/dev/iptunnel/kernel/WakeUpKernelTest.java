package dev.iptunnel.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.agent.InterceptedKernel;
import dev.iptunnel.api.v1alpha1.IpTunnel;
import dev.iptunnel.tunnel.TunnelMode;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The kernel also tells of the agent's own changes. These wake nothing, and those of others do. */
@Tag("kernel")
@Timeout(120)
class WakeUpKernelTest {
    private static final int SILENCE_MILLISECONDS = 200;
    private static final int TUNNELS = 6;

    @RegisterExtension
    final TunnelNode node = new TunnelNode();

    private final AtomicInteger heard = new AtomicInteger();
    private final Queue<Runnable> afterReading = new ConcurrentLinkedQueue<>();
    private final Queue<Runnable> afterPlans = new ConcurrentLinkedQueue<>();

    private static void happen(Queue<Runnable> next) {
        Runnable act = next.poll();
        if (act != null) {
            act.run();
        }
    }

    private WatchedReconciler agent() {
        return new WatchedReconciler(
                node.kernel,
                heard::incrementAndGet,
                kernel -> new InterceptedKernel(kernel, () -> happen(afterReading), _ -> {}, () -> {
                    happen(afterPlans);
                    awaitSilence();
                }));
    }

    /**
     * Until the kernel has told all that comes of a plan. The agent waits only for a moment, which may be too short on a busy
     * machine: then it looks at the tunnel once more.
     */
    private void awaitSilence() {
        try {
            for (int before = -1; before != heard.get(); ) {
                before = heard.get();
                Thread.sleep(SILENCE_MILLISECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Most of them: an address of IPv6 may be usable even later. */
    @ParameterizedTest
    @EnumSource
    void tunnels_that_the_agent_makes_are_not_reconciled_for_that_again(TunnelMode mode) throws InterruptedException {
        try (WatchedReconciler agent = agent()) {
            IntStream.rangeClosed(1, TUNNELS)
                    .mapToObj(number -> WatchedReconciler.tunnel(mode, number))
                    .forEach(agent::reconcile);

            agent.awaitQuiet();
            assertThat(Iproute2.interfaceNames()).contains("tun1", "tun" + TUNNELS);
            assertThat(agent.woken.stream().distinct().count())
                    .as("%s", agent.woken)
                    .isLessThan(TUNNELS / 2);
        }
    }

    @Test
    void a_change_right_after_the_plan_is_repaired_by_the_same_reconciliation() {
        afterPlans.add(WakeUpKernelTest::damage);
        try (WatchedReconciler agent = agent()) {
            agent.reconcile(WatchedReconciler.tunnel(TunnelMode.IPIP, 1));

            assertThat(Iproute2.mtu("tun1")).isEqualTo(1480);
        }
    }

    @Test
    void a_change_after_the_tunnel_was_read_again_wakes_the_tunnel() throws InterruptedException {
        IpTunnel tunnel = WatchedReconciler.tunnel(TunnelMode.IPIP, 1);
        afterReading.add(() -> {});
        afterReading.add(WakeUpKernelTest::damage);
        try (WatchedReconciler agent = agent()) {
            agent.reconcile(tunnel);

            agent.awaitWoken("tun1");
            assertThat(Iproute2.mtu("tun1")).isEqualTo(1300);
            agent.reconcile(tunnel);
            assertThat(Iproute2.mtu("tun1")).isEqualTo(1480);
        }
    }

    /** The agent has looked at it only once by means of what the kernel tells: when it was not there yet. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "route add 192.0.2.11/32 dev under1",
                "route add 10.88.1.0/25 dev under1",
                "link set under0 mtu 1400",
                "address del 10.9.1.1/30 dev tun1",
                "route del 10.88.1.0/24 dev tun1",
                "route replace 10.88.1.0/24 dev under1",
            })
    void what_a_tunnel_that_was_made_depends_on_is_followed_without_another_look(String change)
            throws InterruptedException {
        try (WatchedReconciler agent = agent()) {
            agent.reconcile(WatchedReconciler.tunnel(TunnelMode.IPIP, 1));
            agent.awaitQuiet();
            agent.woken.clear();

            Iproute2.batch(change);

            agent.awaitWoken("tun1");
        }
    }

    private static void damage() {
        Iproute2.batch("link set tun1 mtu 1300");
    }
}
