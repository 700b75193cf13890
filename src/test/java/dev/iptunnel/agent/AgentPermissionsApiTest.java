package dev.iptunnel.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.api.AuditLog;
import dev.iptunnel.api.IpTunnels;
import dev.iptunnel.api.Right;
import dev.iptunnel.kernel.KernelEvent;
import dev.iptunnel.schedule.Clocks;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Compares the requests of the agent with its rights. */
@Tag("api")
class AgentPermissionsApiTest {
    private final AuditLog audit = AuditLog.fromNow();

    @RegisterExtension
    final AgentOfNode1 agent = new AgentOfNode1(Duration.ofMillis(500), Clocks.system());

    @Test
    void the_agent_uses_every_right_that_it_has_and_needs_no_other() throws IOException {
        Set<Right> granted = Right.grantedBy(agent.deployed.objects());

        liveALife();

        Set<Right> used = audit.usedBy(agent.deployed.account());
        assertThat(granted).isNotEmpty();
        assertThat(Right.uncovered(used, granted))
                .as("asked for, and not granted")
                .isEmpty();
        assertThat(Right.unused(granted, used)).as("granted, and not used").isEmpty();
    }

    /** Creation, change, repair, refusal, deletion, restart, resync, and a deletion while no agent runs. */
    private void liveALife() {
        agent.create("one", AgentOfNode1.ipip(1));
        agent.create("two", AgentOfNode1.ipip(2));
        agent.create("three", AgentOfNode1.ipip(3));
        agent.create("theirs", IpTunnels.with(AgentOfNode1.ipip(4), "interfaceName: eth0"));
        List.of("one", "two", "three").forEach(agent::awaitInSync);
        agent.awaitCondition("theirs", "Programmed", "InterfaceNameConflict");
        agent.change("one", "ttl: 17");
        agent.awaitInSync("one");
        for (int repair = 0; repair < 3; repair++) {
            agent.link("one").ifPresent(agent.kernel.node()::remove);
            agent.kernel.tell(new KernelEvent.LinkChanged("one", true));
            agent.await("one is back", () -> agent.link("one").isPresent());
        }
        agent.delete("one");
        agent.await("one is gone", () -> agent.link("one").isEmpty());
        agent.stop();
        agent.delete("two");
        agent.start();
        agent.await("two is gone", () -> agent.link("two").isEmpty());
        agent.stop();
    }
}
