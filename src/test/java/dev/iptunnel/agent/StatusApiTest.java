package dev.iptunnel.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.api.IpTunnels;
import dev.iptunnel.api.Program;
import dev.iptunnel.api.v1alpha1.IpTunnel;
import dev.iptunnel.observation.ObservedLink;
import dev.iptunnel.schedule.MovableClock;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.client.Watch;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What kubectl prints about a tunnel with a running agent. */
@Tag("api")
class StatusApiTest {
    private static final String FIRST = "2026-01-02T03:04:05Z";
    private static final String SECOND = "2026-01-02T03:05:05Z";

    private final MovableClock clock = new MovableClock();

    @RegisterExtension
    final AgentOfNode1 agent = new AgentOfNode1(Duration.ofHours(1), clock.clocks());

    private int ttl(String name) {
        return agent.link(name).flatMap(ObservedLink::tunnel).orElseThrow().ttl();
    }

    private void createReady(String name) {
        agent.create(name, AgentOfNode1.ipip(1));
        agent.awaitCondition(name, "Ready", "TunnelUp");
    }

    /** The line of {@code kubectl get -o wide}. */
    private static String row(String name) {
        return Program.kubectl("get", "iptunnel", name, "-o", "wide", "--no-headers")
                .requireOutput();
    }

    @Test
    void kubectl_wait_ends_when_the_tunnel_is_ready() {
        agent.create("to-berlin", AgentOfNode1.ipip(1));

        String waited = Program.kubectl("wait", "--for=condition=Ready", "iptunnel/to-berlin", "--timeout=120s")
                .requireOutput();

        assertThat(waited).contains("iptunnel.iptunnel.dev/to-berlin condition met");
    }

    @Test
    void a_tunnel_whose_node_has_no_agent_says_what_it_waits_for() {
        agent.create("to-berlin", IpTunnels.with(AgentOfNode1.ipip(1), "nodeName: node9"));

        Program waited = Program.kubectl("wait", "--for=condition=Ready", "iptunnel/to-berlin", "--timeout=1s");

        assertThat(waited.exitCode()).isNotZero();
        assertThat(row("to-berlin")).contains("Unknown", "Pending");
        assertThat(Program.kubectl("describe", "iptunnel", "to-berlin").requireOutput())
                .contains("waiting for the agent on the node that spec.nodeName names");
    }

    @Test
    void a_condition_keeps_its_transition_time_while_its_status_stays() {
        createReady("to-berlin");
        clock.move(Duration.ofMinutes(1));

        agent.change("to-berlin", "ttl: 17");

        Condition ready = agent.awaitCondition("to-berlin", "Ready", "TunnelUp");
        assertThat(ready.getObservedGeneration()).isEqualTo(2);
        assertThat(ready.getLastTransitionTime()).isEqualTo(FIRST);
    }

    @Test
    void another_reason_alone_is_no_transition() {
        createReady("to-berlin");
        clock.move(Duration.ofMinutes(1));

        agent.change("to-berlin", "adminState: Down");

        assertThat(agent.awaitCondition("to-berlin", "Ready", "AdministrativelyDown")
                        .getLastTransitionTime())
                .isEqualTo(FIRST);
    }

    @Test
    void a_transition_changes_the_time_of_its_own_condition_only() {
        createReady("to-berlin");
        clock.move(Duration.ofMinutes(1));
        agent.kernel.node().routeBy(Optional.empty());

        agent.change("to-berlin", "ttl: 17");

        assertThat(agent.awaitCondition("to-berlin", "Ready", "NoRouteToRemote").getLastTransitionTime())
                .isEqualTo(SECOND);
        assertThat(agent.condition("to-berlin", "Programmed").orElseThrow().getLastTransitionTime())
                .isEqualTo(FIRST);
    }

    @Test
    void get_shows_what_the_kernel_has() {
        createReady("to-berlin");

        String row = row("to-berlin");

        assertThat(row)
                .contains(
                        "node1", "ipip", "192.0.2.1", "198.51.100.1", "True", "1480", "to-berlin", "eth0", "TunnelUp");
    }

    @Test
    void describe_ends_with_the_Events() {
        agent.create("to-berlin", IpTunnels.with(AgentOfNode1.ipip(1), "interfaceName: eth0"));

        agent.awaitEvent("to-berlin", "InterfaceNameConflict");

        assertThat(Program.kubectl("describe", "iptunnel", "to-berlin")
                        .requireOutput()
                        .lines())
                .anyMatch(line -> line.matches("  Warning  InterfaceNameConflict  .*iptunnel.dev/agent.*"));
    }

    @Test
    void a_refusal_is_a_stalled_condition() {
        agent.create("to-berlin", IpTunnels.with(AgentOfNode1.ipip(1), "interfaceName: eth0"));

        String waited = Program.kubectl("wait", "--for=condition=Stalled", "iptunnel/to-berlin", "--timeout=120s")
                .requireOutput();

        assertThat(waited).contains("condition met");
        assertThat(row("to-berlin")).contains("False", "InterfaceNameConflict");
    }

    @Test
    void a_status_never_claims_a_generation_that_the_kernel_has_not_seen() {
        createReady("to-berlin");
        List<String> told = new CopyOnWriteArrayList<>();
        try (Watch _ = agent.client
                .resources(IpTunnel.class)
                .withName("to-berlin")
                .watch(new Watcher<>() {
                    @Override
                    public void eventReceived(Action action, IpTunnel tunnel) {
                        told.add(tunnel.getStatus().observedGeneration() + " as ttl " + ttl("to-berlin"));
                    }

                    @Override
                    public void onClose(WatcherException cause) {}
                })) {
            agent.kernel.hold();
            agent.change("to-berlin", "ttl: 17");
            agent.await("the second being written", () -> agent.kernel.executing() == 1);

            agent.change("to-berlin", "ttl: 18");

            AgentOfNode1.settle();
            agent.kernel.release();
            agent.awaitInSync("to-berlin");
            agent.await("told", () -> told.contains("3 as ttl 18"));
        }
        assertThat(told).doesNotContain("2 as ttl 64", "3 as ttl 64", "3 as ttl 17");
        assertThat(told).contains("1 as ttl 64", "3 as ttl 18");
    }
}
