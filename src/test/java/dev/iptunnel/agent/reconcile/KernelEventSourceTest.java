package dev.iptunnel.agent.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.agent.Tunnels;
import dev.iptunnel.agent.cluster.NodeTunnels;
import dev.iptunnel.agent.program.Drift;
import dev.iptunnel.agent.program.Outcome;
import dev.iptunnel.agent.program.TunnelProgrammer;
import dev.iptunnel.api.v1alpha1.IpTunnel;
import dev.iptunnel.kernel.FakeTunnelKernel;
import dev.iptunnel.kernel.KernelEvent;
import dev.iptunnel.planner.SimulatedNode;
import dev.iptunnel.schedule.MovableClock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class KernelEventSourceTest {
    private final FakeTunnelKernel kernel = new FakeTunnelKernel(SimulatedNode.withEthernet());
    private final TunnelRegistry registry = new TunnelRegistry();
    private final NodeTunnels tunnels = new NodeTunnels();
    private final KernelEventSource source = new KernelEventSource(registry, tunnels);
    private final List<String> reconciled = new CopyOnWriteArrayList<>();

    @BeforeEach
    void start() {
        source.setEventHandler(
                event -> reconciled.add(event.getRelatedCustomResourceID().getName()));
        source.start();
        kernel.watch(source::handle);
        IpTunnel tunnel = Tunnels.ipip("to-berlin");
        tunnels.readFrom(new OneTunnel(tunnel));
        Outcome outcome = Tunnels.program(new TunnelProgrammer(kernel), tunnel);
        registry.update(
                tunnel,
                registry.entry(tunnel)
                        .after(
                                tunnel,
                                new StatusBuilder(new MovableClock()).build(1, outcome, Optional.empty(), List.of()),
                                outcome,
                                Drift.NONE,
                                Instant.EPOCH));
    }

    @Test
    void a_change_of_a_tunnels_interface_reconciles_the_tunnel() {
        // when
        kernel.tell(new KernelEvent.LinkChanged("to-berlin", true));

        // then
        assertThat(reconciled).containsExactly("to-berlin");
    }

    @Test
    void a_change_of_an_unrelated_interface_reconciles_nothing() {
        // when
        kernel.tell(new KernelEvent.LinkChanged("veth17", false));

        // then
        assertThat(reconciled).isEmpty();
    }

    @Test
    void a_change_of_everything_reconciles_every_tunnel() {
        // when
        kernel.tell(new KernelEvent.EverythingChanged());

        // then
        assertThat(reconciled).containsExactly("to-berlin");
    }
}
