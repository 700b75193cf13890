package dev.iptunnel.agent.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.agent.InterceptedKernel;
import dev.iptunnel.agent.Tunnels;
import dev.iptunnel.api.v1alpha1.IpTunnel;
import dev.iptunnel.kernel.KernelEvent;
import dev.iptunnel.kernel.KernelEvent.EverythingChanged;
import dev.iptunnel.kernel.KernelEvent.LinkChanged;
import dev.iptunnel.kernel.KernelEvent.RouteChanged;
import dev.iptunnel.observation.ObservedLink;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.IpPrefix;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What a tunnel depends on is known after the first look. Events that come before the kernel is read for the last time wake
 * nothing, since that look shows what they are about, and events after it are not lost.
 */
class WakeUpTest {
    private final Queue<Runnable> afterPlans = new ConcurrentLinkedQueue<>();
    private final Queue<Runnable> afterReading = new ConcurrentLinkedQueue<>();
    private final List<String> reconciled = new CopyOnWriteArrayList<>();
    private final OfflineReconciler node = new OfflineReconciler(
            Tunnels.NODE,
            kernel -> new InterceptedKernel(kernel, () -> happen(afterReading), _ -> {}, () -> happen(afterPlans)));

    @BeforeEach
    void start() {
        node.source.setEventHandler(
                event -> reconciled.add(event.getRelatedCustomResourceID().getName()));
        node.source.start();
    }

    @AfterEach
    void close() {
        node.close();
    }

    private static void happen(Queue<Runnable> next) {
        Runnable act = next.poll();
        if (act != null) {
            act.run();
        }
    }

    /** After the tunnel was made, and read again. */
    private void afterTheLastReading(Runnable act) {
        afterReading.add(() -> {});
        afterReading.add(act);
    }

    private Runnable told(KernelEvent event) {
        return () -> node.source.handle(event);
    }

    @Test
    void a_change_of_the_interface_of_the_route_after_the_first_look_is_not_lost() {
        // given
        afterTheLastReading(told(new LinkChanged("eth0", false)));

        // when
        node.reconcile(Tunnels.ipip("to-berlin"));

        // then
        assertThat(reconciled).containsExactly("to-berlin");
    }

    @Test
    void a_change_of_the_parent_after_the_first_look_is_not_lost() {
        // given
        afterReading.add(told(new LinkChanged("ppp0", false)));

        // when
        node.reconcile(Tunnels.of("to-berlin", "ipip", "192.0.2.1", "ppp0", "Up"));

        // then
        assertThat(reconciled).containsExactly("to-berlin");
    }

    @Test
    void a_change_of_the_route_to_the_remote_after_the_first_look_is_not_lost() {
        // given
        afterTheLastReading(told(new RouteChanged(IpPrefix.parse(IpFamily.IPV4, "0.0.0.0/0"))));

        // when
        node.reconcile(Tunnels.ipip("to-berlin"));

        // then
        assertThat(reconciled).containsExactly("to-berlin");
    }

    @Test
    void a_change_of_everything_after_the_first_look_is_not_lost() {
        // given
        afterTheLastReading(told(new EverythingChanged()));

        // when
        node.reconcile(Tunnels.ipip("to-berlin"));

        // then
        assertThat(reconciled).containsExactly("to-berlin");
    }

    @Test
    void a_change_that_concerns_others_during_a_look_causes_no_second_look() {
        // given
        afterTheLastReading(told(new LinkChanged("veth17", false)));

        // when
        node.reconcile(Tunnels.ipip("to-berlin"));

        // then
        assertThat(reconciled).isEmpty();
    }

    @Test
    void what_the_agents_own_plan_caused_causes_no_second_look_if_it_is_told_before_the_kernel_is_read_again() {
        // given
        IpTunnel tunnel = Tunnels.ipip("to-berlin");
        afterPlans.add(told(new LinkChanged("to-berlin", true)));
        node.reconcile(tunnel);
        damage();
        afterPlans.add(told(new LinkChanged("to-berlin", true)));

        // when
        node.reconcile(tunnel);

        // then
        assertThat(node.kernel.executed()).hasSize(2);
        assertThat(reconciled).isEmpty();
    }

    @Test
    void a_change_by_somebody_else_right_after_the_plan_is_repaired_by_the_same_reconciliation() {
        // given
        afterPlans.add(() -> {
            damage();
            node.source.handle(new LinkChanged("to-berlin", true));
        });

        // when
        node.reconcile(Tunnels.ipip("to-berlin"));

        // then
        assertThat(mtu()).isEqualTo(1480);
        assertThat(reconciled).isEmpty();
    }

    @Test
    void a_change_by_somebody_else_after_the_kernel_was_read_again_is_repaired_by_another_reconciliation() {
        // given
        IpTunnel tunnel = Tunnels.ipip("to-berlin");
        afterTheLastReading(() -> {
            damage();
            node.source.handle(new LinkChanged("to-berlin", true));
        });
        node.reconcile(tunnel);
        List<String> woken = List.copyOf(reconciled);

        // when
        node.reconcile(tunnel);

        // then
        assertThat(woken).containsExactly("to-berlin");
        assertThat(mtu()).isEqualTo(1480);
    }

    @Test
    void a_tunnel_that_is_known_is_woken_once_for_all_that_is_told_during_a_look() {
        // given
        IpTunnel tunnel = Tunnels.ipip("to-berlin");
        node.reconcile(tunnel);
        damage();
        afterTheLastReading(() -> {
            node.source.handle(new LinkChanged("to-berlin", true));
            node.source.handle(new LinkChanged("eth0", false));
        });

        // when
        node.reconcile(tunnel);

        // then
        assertThat(reconciled).containsExactly("to-berlin");
    }

    /** Somebody sets the MTU. */
    private void damage() {
        ObservedLink link = node.kernel.node().named("to-berlin").orElseThrow();
        node.kernel.node().put(link.toBuilder().mtu(1300).build());
    }

    private int mtu() {
        return node.kernel.node().named("to-berlin").orElseThrow().mtu();
    }
}
