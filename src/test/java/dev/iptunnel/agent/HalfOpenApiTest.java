package dev.iptunnel.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.observation.ObservedLink;
import dev.iptunnel.schedule.Clocks;
import java.time.Duration;
import java.time.Instant;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Every connection to the API server is half-open: the peer is silently gone. */
@Tag("api")
class HalfOpenApiTest {
    private static final Duration MOST = Duration.ofSeconds(60);

    @RegisterExtension
    final AgentOfNode1 agent = new AgentOfNode1(Duration.ofHours(1), Clocks.system());

    @Test
    void creations_changes_and_deletions_are_done_and_reported_within_a_minute() {
        for (int i = 1; i <= 20; i++) {
            agent.create("one" + i, AgentOfNode1.ipip(i));
        }
        for (int i = 1; i <= 20; i++) {
            agent.awaitInSync("one" + i);
        }

        agent.api.stall();
        Instant stalled = Instant.now();
        agent.create("new", AgentOfNode1.ipip(100));
        agent.change("one1", "ttl: 17");
        agent.delete("one2");

        await(stalled, () -> agent.link("new").isPresent());
        await(stalled, () -> agent.link("one1")
                .flatMap(ObservedLink::tunnel)
                .filter(parameters -> parameters.ttl() == 17)
                .isPresent());
        await(stalled, () -> agent.link("one2").isEmpty());
        await(stalled, () -> agent.condition("new", "Programmed").isPresent());
        await(stalled, () -> agent.events("new").contains("TunnelCreated"));
        assertThat(agent.probe("/livez")).isEqualTo("200 ok\n");
    }

    private static void await(Instant since, BooleanSupplier so) {
        while (!so.getAsBoolean()) {
            assertThat(Duration.between(since, Instant.now())).isLessThan(MOST);
            AgentOfNode1.pause(Duration.ofMillis(100));
        }
    }
}
