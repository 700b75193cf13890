package dev.iptunnel.agent.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.agent.InterceptedKernel;
import dev.iptunnel.agent.Tunnels;
import dev.iptunnel.kernel.KernelEvent;
import dev.iptunnel.kernel.KernelEvent.LinkChanged;
import dev.iptunnel.kernel.KernelEvent.RouteChanged;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.IpPrefix;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a tunnel depends on is known after the first look; events during that look are not lost. */
class WakeUpTest {
    private final Queue<KernelEvent> duringTheLook = new ConcurrentLinkedQueue<>();
    private final List<String> reconciled = new CopyOnWriteArrayList<>();
    private final OfflineReconciler node =
            new OfflineReconciler(Tunnels.NODE, kernel -> new InterceptedKernel(kernel, this::happen, _ -> {}));

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

    private void happen() {
        for (KernelEvent event = duringTheLook.poll(); event != null; event = duringTheLook.poll()) {
            node.source.handle(event);
        }
    }

    @Test
    void a_change_of_the_interface_of_the_route_during_the_first_look_is_not_lost() {
        // given
        duringTheLook.add(new LinkChanged("eth0", false));

        // when
        node.reconcile(Tunnels.ipip("to-berlin"));

        // then
        assertThat(reconciled).containsExactly("to-berlin");
    }

    @Test
    void a_change_of_the_parent_during_the_first_look_is_not_lost() {
        // given
        duringTheLook.add(new LinkChanged("ppp0", false));

        // when
        node.reconcile(Tunnels.of("to-berlin", "ipip", "192.0.2.1", "ppp0", "Up"));

        // then
        assertThat(reconciled).containsExactly("to-berlin");
    }

    @Test
    void a_change_of_the_route_to_the_remote_during_the_first_look_is_not_lost() {
        // given
        duringTheLook.add(new RouteChanged(IpPrefix.parse(IpFamily.IPV4, "0.0.0.0/0")));

        // when
        node.reconcile(Tunnels.ipip("to-berlin"));

        // then
        assertThat(reconciled).containsExactly("to-berlin");
    }

    @Test
    void a_change_that_concerns_others_during_a_look_causes_no_second_look() {
        // given
        duringTheLook.add(new LinkChanged("veth17", false));

        // when
        node.reconcile(Tunnels.ipip("to-berlin"));

        // then
        assertThat(reconciled).isEmpty();
    }
}
