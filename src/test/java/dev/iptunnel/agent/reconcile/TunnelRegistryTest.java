package dev.iptunnel.agent.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.agent.Tunnels;
import dev.iptunnel.agent.health.TunnelState;
import dev.iptunnel.agent.program.Drift;
import dev.iptunnel.agent.program.Outcome;
import dev.iptunnel.agent.program.TunnelProgrammer;
import dev.iptunnel.api.v1alpha1.IpTunnel;
import dev.iptunnel.api.v1alpha1.IpTunnelStatus;
import dev.iptunnel.kernel.FakeTunnelKernel;
import dev.iptunnel.kernel.KernelEvent.LinkChanged;
import dev.iptunnel.kernel.KernelEvent.RouteChanged;
import dev.iptunnel.planner.SimulatedNode;
import dev.iptunnel.schedule.MovableClock;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.IpPrefix;
import io.fabric8.kubernetes.api.model.Condition;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class TunnelRegistryTest {
    private final FakeTunnelKernel kernel = new FakeTunnelKernel(SimulatedNode.withEthernet());
    private final TunnelProgrammer programmer = new TunnelProgrammer(kernel);
    private final StatusBuilder statuses = new StatusBuilder(new MovableClock());
    private final TunnelRegistry registry = new TunnelRegistry();

    private IpTunnelStatus reconcile(IpTunnel tunnel) {
        Outcome outcome = Tunnels.program(programmer, tunnel);
        IpTunnelStatus status = statuses.build(1, outcome, Optional.empty(), List.of());
        registry.update(tunnel, registry.entry(tunnel).after(tunnel, status, outcome, Drift.NONE, Instant.EPOCH));
        return status;
    }

    @Test
    void its_own_interface_and_the_one_that_carries_it_concern_a_ready_tunnel() {
        // given
        reconcile(Tunnels.ipip("to-berlin"));

        // when
        List<Set<String>> concerned = List.of(
                registry.concernedBy(new LinkChanged("to-berlin", true)),
                registry.concernedBy(new LinkChanged("eth0", false)),
                registry.concernedBy(new LinkChanged("veth17", false)));

        // then
        assertThat(concerned).containsExactly(Set.of("to-berlin"), Set.of("to-berlin"), Set.of());
    }

    @Test
    void every_tunnel_concerns_a_tunnel_that_may_wait_for_what_it_holds() {
        // given
        reconcile(Tunnels.of("to-berlin", "ipip", "192.0.2.1", "ppp0", "Up"));

        // when
        List<Set<String>> concerned = List.of(
                registry.concernedBy(new LinkChanged("to-paris", true)),
                registry.concernedBy(new LinkChanged("ppp0", false)),
                registry.concernedBy(new LinkChanged("veth17", false)));

        // then
        assertThat(concerned).containsExactly(Set.of("to-berlin"), Set.of("to-berlin"), Set.of());
    }

    @Test
    void a_tunnel_that_is_made_and_not_ready_is_not_concerned_by_other_tunnels() {
        // given
        kernel.node().routeBy(Optional.empty());
        IpTunnelStatus status = reconcile(Tunnels.ipip("to-berlin"));

        // when
        Set<String> concerned = registry.concernedBy(new LinkChanged("to-paris", true));

        // then
        assertThat(status.conditions())
                .filteredOn(condition -> condition.getType().equals("Ready"))
                .extracting(Condition::getStatus)
                .containsExactly("False");
        assertThat(concerned).isEmpty();
    }

    @Test
    void a_tunnel_whose_spec_is_invalid_is_not_concerned_by_other_tunnels() {
        // given
        reconcile(Tunnels.of("to-bonn", "gre", "192.0.2.1", null, "Up"));

        // when
        Set<String> concerned = registry.concernedBy(new LinkChanged("to-paris", true));

        // then
        assertThat(concerned).isEmpty();
    }

    @Test
    void a_tunnel_that_is_looked_at_is_not_woken_before_the_look_has_ended() {
        // given
        IpTunnel tunnel = Tunnels.ipip("to-berlin");
        reconcile(tunnel);
        registry.beginLook(tunnel);

        // when
        Set<String> during = registry.hear(new LinkChanged("eth0", false));
        boolean missed = registry.endLook(tunnel);
        Set<String> after = registry.hear(new LinkChanged("eth0", false));

        // then
        assertThat(during).isEmpty();
        assertThat(missed).isTrue();
        assertThat(after).containsExactly("to-berlin");
    }

    @Test
    void a_tunnel_is_no_longer_concerned_by_what_it_used_before() {
        // given
        reconcile(Tunnels.of("to-berlin", "ipip", "192.0.2.1", "ppp0", "Up"));

        // when
        reconcile(Tunnels.ipip("to-berlin"));

        // then
        assertThat(registry.concernedBy(new LinkChanged("ppp0", false))).isEmpty();
        assertThat(registry.concernedBy(new LinkChanged("to-paris", true))).isEmpty();
    }

    @Test
    void the_routes_to_its_outer_addresses_concern_a_tunnel() {
        // given
        reconcile(Tunnels.ipip("to-berlin"));

        // when
        List<Set<String>> concerned = Stream.of("0.0.0.0/0", "192.0.2.0/24", "198.51.100.0/24")
                .map(destination -> registry.concernedBy(new RouteChanged(IpPrefix.parse(IpFamily.IPV4, destination))))
                .toList();

        // then
        assertThat(concerned).containsExactly(Set.of("to-berlin"), Set.of("to-berlin"), Set.of());
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
    void a_successor_of_the_same_name_has_an_entry_of_its_own_that_stays_when_its_predecessor_is_forgotten() {
        // given
        IpTunnel predecessor = Tunnels.ipip("to-berlin");
        reconcile(predecessor);
        IpTunnel successor = Tunnels.ipip("to-berlin");
        successor.getMetadata().setUid("uid-of-its-successor");
        boolean readyBefore = isReady(successor);
        reconcile(successor);

        // when
        registry.forget(predecessor);

        // then
        assertThat(readyBefore).isFalse();
        assertThat(isReady(successor)).isTrue();
    }

    @Test
    void a_tunnel_is_described_for_the_metrics_after_it_was_reconciled() {
        // given
        reconcile(Tunnels.ipip("to-berlin"));
        reconcile(Tunnels.of("to-hamburg", "ipip", "192.0.2.1", "ppp0", "Up"));
        reconcile(Tunnels.of("to-bonn", "gre", "192.0.2.1", null, "Up"));

        // when
        TunnelState up = described("to-berlin");
        TunnelState refused = described("to-hamburg");
        TunnelState invalid = described("to-bonn");

        // then
        assertThat(up.ready()).isTrue();
        assertThat(up.ifindex()).isPresent();
        assertThat(up.mtu()).hasValue(1480);
        assertThat(refused.reason()).isEqualTo("ParentNotFound");
        assertThat(refused.ifindex()).isEmpty();
        assertThat(invalid.reason()).isEqualTo("InvalidSpec");
        assertThat(invalid.driver()).isEmpty();
        assertThat(invalid.programmed()).isFalse();
    }

    private TunnelState described(String name) {
        return registry.states().stream()
                .filter(state -> state.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void a_tunnel_that_is_forgotten_is_described_no_more() {
        // given
        IpTunnel tunnel = Tunnels.ipip("to-berlin");
        reconcile(tunnel);

        // when
        registry.forget(tunnel);

        // then
        assertThat(registry.states()).isEmpty();
    }

    private boolean isReady(IpTunnel tunnel) {
        return registry.entry(tunnel).state().filter(TunnelState::ready).isPresent();
    }
}
