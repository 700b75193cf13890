package dev.iptunnel.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.api.v1alpha1.IpTunnel;
import dev.iptunnel.observation.ObservedLink;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Hundreds of tunnels at once. */
@Tag("api")
class ManyTunnelsApiTest {
    private static final int MANY = 200;
    private static final int AT_LEAST_AT_ONCE = 8;

    @RegisterExtension
    final AgentOfNode1 agent = new AgentOfNode1();

    @Test
    void tunnels_are_created_one_at_a_time_and_removed_in_parallel() {
        List<String> names = IntStream.range(0, MANY).mapToObj(i -> "many" + i).toList();
        names.forEach(name -> agent.create(name, AgentOfNode1.ipip(1 + names.indexOf(name))));
        names.forEach(agent::awaitInSync);
        assertThat(marked()).isEqualTo(MANY);
        assertThat(agent.kernel.executed()).hasSize(MANY);
        agent.kernel.hold();

        agent.client.resources(IpTunnel.class).delete();

        agent.await("removals side by side", () -> agent.kernel.executing() >= AT_LEAST_AT_ONCE);
        agent.kernel.release();
        agent.await("no tunnel", () -> marked() == 0);
        assertThat(agent.kernel.executed()).hasSize(2 * MANY);
    }

    private long marked() {
        return agent.kernel.links().stream()
                .map(ObservedLink::mark)
                .filter(mark -> mark.isPresent())
                .count();
    }
}
