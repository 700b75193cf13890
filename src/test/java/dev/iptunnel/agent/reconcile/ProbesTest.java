package dev.iptunnel.agent.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.agent.Tunnels;
import dev.iptunnel.agent.probe.Prober;
import dev.iptunnel.agent.program.Outcome;
import dev.iptunnel.agent.program.TunnelProgrammer;
import dev.iptunnel.api.v1alpha1.IpTunnel;
import dev.iptunnel.kernel.FakeTunnelKernel;
import dev.iptunnel.planner.SimulatedNode;
import dev.iptunnel.probe.ProbeReport;
import dev.iptunnel.probe.Reachability;
import dev.iptunnel.probe.ReachabilityReason;
import dev.iptunnel.schedule.Clocks;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Which tunnels are probed; the interfaces do not exist on this machine, so no answer ever comes. */
class ProbesTest {
    private static final String PROBED = "addresses: [{address: 192.168.7.1/30}]\nprobe: {type: ICMP}";

    private final FakeTunnelKernel kernel = new FakeTunnelKernel(SimulatedNode.withEthernet());
    private final TunnelProgrammer programmer = new TunnelProgrammer(kernel);
    private final Prober prober = new Prober(Clocks.system().steady(), _ -> {}, _ -> {});
    private final Probes probes = new Probes(prober);

    @AfterEach
    void close() {
        prober.close();
    }

    private static IpTunnel tunnel(String... fields) {
        return fields.length == 0 ? Tunnels.ipip("to-berlin") : Tunnels.ipip("to-berlin", String.join("\n", fields));
    }

    private Optional<Reachability> reachability(IpTunnel tunnel, Condition... previous) {
        Outcome outcome = Tunnels.program(programmer, tunnel);
        return probes.reachability(tunnel, outcome, List.of(previous));
    }

    private static Condition condition(ReachabilityReason reason, IpTunnel tunnel, long generationsAgo) {
        return new ConditionBuilder()
                .withType("Reachable")
                .withStatus("False")
                .withReason(reason.toString())
                .withMessage("what it said then")
                .withObservedGeneration(tunnel.getMetadata().getGeneration() - generationsAgo)
                .build();
    }

    @Test
    void without_a_probe_nothing_is_asked_and_nothing_is_said() {
        assertThat(reachability(tunnel())).isEmpty();
        assertThat(reachability(tunnel("probe: {type: None}"))).isEmpty();
        assertThat(prober.reports()).isEmpty();
    }

    @Test
    void a_tunnel_is_probed_from_the_time_when_it_is_programmed() {
        assertThat(reachability(tunnel(PROBED)))
                .contains(
                        new Reachability(ReachabilityReason.STARTING, "waiting for the first answers of 192.168.7.2"));
        assertThat(prober.reports()).extracting(ProbeReport::tunnel).containsExactly("to-berlin");
    }

    @Test
    void a_probe_that_the_spec_asks_for_no_more_ends() {
        reachability(tunnel(PROBED));

        assertThat(reachability(tunnel("addresses: [{address: 192.168.7.1/30}]")))
                .isEmpty();

        assertThat(prober.reports()).isEmpty();
    }

    @Test
    void the_probe_of_a_deleted_object_ends() {
        reachability(tunnel(PROBED));

        probes.forget("to-berlin");

        assertThat(prober.reports()).isEmpty();
    }

    @Test
    void a_tunnel_that_is_down_or_was_refused_is_not_probed() {
        reachability(tunnel(PROBED));

        assertThat(reachability(tunnel(PROBED, "adminState: Down")))
                .contains(new Reachability(ReachabilityReason.NOT_PROGRAMMED, "not probed: the interface is down"));
        assertThat(reachability(tunnel(PROBED, "parent: absent0")))
                .contains(new Reachability(
                        ReachabilityReason.NOT_PROGRAMMED,
                        "not probed: see the condition Programmed (ParentNotFound)"));
        assertThat(prober.reports()).isEmpty();
    }

    @Test
    void a_tunnel_whose_other_end_is_not_known_says_so() {
        assertThat(reachability(tunnel("addresses: [{address: 192.168.7.1/24}]\nprobe: {type: ICMP}")))
                .map(Reachability::reason)
                .contains(ReachabilityReason.NO_TARGET);
        assertThat(prober.reports()).isEmpty();
    }

    @Test
    void what_the_agent_wrote_of_this_generation_before_it_started_holds() {
        IpTunnel tunnel = tunnel(PROBED);

        assertThat(reachability(tunnel, condition(ReachabilityReason.NO_REPLY, tunnel, 0)))
                .contains(new Reachability(ReachabilityReason.NO_REPLY, "what it said then"));
    }

    @Test
    void what_it_wrote_of_an_earlier_generation_does_not() {
        IpTunnel tunnel = tunnel(PROBED);

        assertThat(reachability(tunnel, condition(ReachabilityReason.NO_REPLY, tunnel, 1)))
                .map(Reachability::reason)
                .contains(ReachabilityReason.STARTING);
    }
}
