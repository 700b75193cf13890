package dev.iptunnel.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.schedule.Clocks;
import io.fabric8.kubernetes.api.model.Condition;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The condition Reachable of a running agent. The interfaces do not exist on this machine, so no answer comes. */
@Tag("api")
class ProbeApiTest {
    private static final String PROBED =
            "addresses: [{address: 192.168.7.1/30}]\n" + "probe: {type: ICMP, intervalSeconds: 1, timeoutSeconds: 1}";

    @RegisterExtension
    final AgentOfNode1 agent = new AgentOfNode1(Duration.ofHours(1), Clocks.system());

    private List<String> conditions() {
        return agent.get("to-berlin").getStatus().conditions().stream()
                .map(Condition::getType)
                .toList();
    }

    private String version() {
        return agent.get("to-berlin").getMetadata().getResourceVersion();
    }

    @Test
    void a_tunnel_has_it_as_long_as_it_is_probed() {
        agent.create("to-berlin", AgentOfNode1.ipip(1));
        agent.awaitCondition("to-berlin", "Ready", "TunnelUp");
        assertThat(conditions()).containsExactly("Programmed", "Ready");
        assertThat(agent.metrics()).doesNotContain("iptunnel_probe_sent");

        agent.change("to-berlin", PROBED);
        agent.awaitCondition("to-berlin", "Reachable", "Starting");
        assertThat(agent.metrics()).contains("iptunnel_probe_interval_seconds{tunnel=\"to-berlin\"} 1.0");

        agent.change("to-berlin", "probe: null");
        agent.await("no condition Reachable", () -> conditions().equals(List.of("Programmed", "Ready")));
        assertThat(agent.metrics()).doesNotContain("iptunnel_probe_sent");
    }

    @Test
    void it_is_written_when_it_changes_and_not_between() {
        agent.create("to-berlin", AgentOfNode1.ipip(1));
        agent.change("to-berlin", PROBED);
        agent.awaitCondition("to-berlin", "Reachable", "NotProgrammed");
        String version = version();

        AgentOfNode1.pause(Duration.ofSeconds(5));

        assertThat(version()).isEqualTo(version);
    }

    @Test
    void an_agent_that_starts_again_writes_nothing_while_it_is_as_before() {
        agent.create("to-berlin", AgentOfNode1.ipip(1));
        agent.change("to-berlin", PROBED);
        agent.awaitCondition("to-berlin", "Reachable", "NotProgrammed");
        agent.stop();
        agent.start();

        agent.awaitCondition("to-berlin", "Reachable", "NotProgrammed");
    }
}
