package dev.iptunnel.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.api.v1alpha1.IpTunnel;
import dev.iptunnel.api.v1alpha1.IpTunnelStatus;
import dev.iptunnel.kernel.FakeTunnelKernel;
import dev.iptunnel.tunnel.SimulatedNode;
import java.util.List;
import org.junit.jupiter.api.Test;

class TunnelRegistryTest {
    private final FakeTunnelKernel kernel = new FakeTunnelKernel(SimulatedNode.withEthernet());
    private final TunnelProgrammer programmer = new TunnelProgrammer(kernel);
    private final StatusBuilder statuses = new StatusBuilder(new MovableClock());
    private final TunnelRegistry registry = new TunnelRegistry();

    private IpTunnelStatus reconcile(IpTunnel tunnel) {
        Outcome outcome = Tunnels.program(programmer, tunnel);
        IpTunnelStatus status = statuses.build(1, outcome, List.of());
        registry.update(tunnel, registry.entry(tunnel).after(tunnel, status, outcome));
        return status;
    }

    @Test
    void a_ready_tunnel_is_concerned_by_its_own_interface_and_the_one_that_carries_it() {
        // given
        reconcile(Tunnels.ipip("to-berlin"));

        // when
        List<List<String>> concerned = List.of(
                registry.concernedBy("to-berlin"), registry.concernedBy("eth0"), registry.concernedBy("veth17"));

        // then
        assertThat(concerned).containsExactly(List.of("to-berlin"), List.of("to-berlin"), List.of());
    }

    @Test
    void a_tunnel_that_waits_for_something_is_concerned_by_everything() {
        // given
        reconcile(Tunnels.of("to-berlin", "ipip", "192.0.2.1", "ppp0", "Up"));

        // when
        List<String> concerned = registry.concernedBy("veth17");

        // then
        assertThat(concerned).containsExactly("to-berlin");
    }

    @Test
    void failures_are_counted_until_a_success() {
        // given
        IpTunnel tunnel = Tunnels.of("to-berlin", "ipip", "192.0.2.1", "ppp0", "Up");
        reconcile(tunnel);
        reconcile(tunnel);
        int failures = registry.entry(tunnel).failures();
        kernel.node().put(SimulatedNode.ethernet(3, "ppp0", 1492));

        // when
        reconcile(tunnel);

        // then
        assertThat(failures).isEqualTo(2);
        assertThat(registry.entry(tunnel).failures()).isZero();
    }

    @Test
    void the_status_that_was_written_counts_until_the_object_is_read_anew() {
        // given
        IpTunnel tunnel = Tunnels.ipip("to-berlin");
        IpTunnelStatus written = reconcile(tunnel);
        IpTunnel newer = Tunnels.ipip("to-berlin");
        newer.getMetadata().setResourceVersion("2");

        // when
        IpTunnelStatus current = registry.entry(tunnel).currentStatus(tunnel);

        // then
        assertThat(current).isEqualTo(written);
        assertThat(registry.entry(newer).currentStatus(newer).conditions()).isEmpty();
    }

    @Test
    void a_successor_of_the_same_name_begins_anew_and_is_not_forgotten_with_its_predecessor() {
        // given
        IpTunnel predecessor = Tunnels.ipip("to-berlin");
        reconcile(predecessor);
        IpTunnel successor = Tunnels.ipip("to-berlin");
        successor.getMetadata().setUid("uid-of-its-successor");
        boolean readyBefore = registry.entry(successor).ready();
        reconcile(successor);

        // when
        registry.forget(predecessor);

        // then
        assertThat(readyBefore).isFalse();
        assertThat(registry.entry(successor).ready()).isTrue();
    }

    @Test
    void tunnels_are_counted_by_readiness() {
        // given
        reconcile(Tunnels.ipip("to-berlin"));
        reconcile(Tunnels.of("to-hamburg", "ipip", "192.0.2.1", "ppp0", "Up"));
        reconcile(Tunnels.of("to-bonn", "gre", "192.0.2.1", null, "Up"));

        // when
        long ready = registry.count(true);

        // then
        assertThat(ready).isOne();
        assertThat(registry.count(false)).isEqualTo(2);
    }
}
