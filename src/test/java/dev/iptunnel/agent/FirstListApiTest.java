package dev.iptunnel.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.agent.cluster.FaultyApiServer.Request;
import dev.iptunnel.schedule.Clocks;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** An API server that is slow with the first list: without it the agent does not know what is asked for. */
@Tag("api")
class FirstListApiTest {
    /** Longer than the SDK waits for the list. */
    private static final Duration LONG = Duration.ofSeconds(7);

    @RegisterExtension
    final AgentOfNode1 agent = new AgentOfNode1(Duration.ofMillis(200), Clocks.system());

    @Test
    void no_tunnel_is_created_or_removed_before_the_first_list() {
        agent.create("kept", AgentOfNode1.ipip(1));
        agent.create("orphan", AgentOfNode1.ipip(2));
        agent.awaitInSync("kept");
        agent.awaitInSync("orphan");
        agent.stop();
        agent.delete("orphan");
        agent.create("older", AgentOfNode1.ipip(3));
        AgentOfNode1.pause(Duration.ofMillis(1100));
        agent.create("a-younger", AgentOfNode1.ipip(3));
        int plans = agent.kernel.executed().size();
        agent.api.answerLater(Request.WHOLE_LIST, 503, "");

        CompletableFuture<Void> started = CompletableFuture.runAsync(agent::start, Thread::startVirtualThread);

        AgentOfNode1.pause(LONG);
        assertThat(started).isNotDone();
        assertThat(agent.kernel.executed()).hasSize(plans);
        agent.api.mend();
        agent.awaitInSync("older");
        agent.awaitCondition("a-younger", "Programmed", "EndpointConflict");
        agent.await("orphan removed", () -> agent.link("orphan").isEmpty());
        assertThat(agent.link("kept")).isPresent();
        assertThat(started).succeedsWithin(LONG);
    }

    @Test
    void the_agent_starts_with_the_list_and_without_the_watch() {
        agent.stop();
        agent.create("there", AgentOfNode1.ipip(1));
        agent.api.answerLater(Request.WATCH, 503, "");

        agent.start();

        agent.awaitInSync("there");
    }

    @Test
    void an_agent_that_is_interrupted_while_it_waits_leaves_nothing_running() throws InterruptedException {
        agent.stop();
        agent.api.answerLater(Request.WHOLE_LIST, 503, "");
        FutureTask<Void> start = new FutureTask<>(agent::start, null);
        Thread starting = Thread.ofPlatform().start(start);
        agent.await("it waits", () -> agent.probe("/readyz").contains("the first list"));
        assertThat(threads()).isNotEmpty();

        starting.interrupt();

        assertThat(starting.join(LONG.multipliedBy(4))).isTrue();
        assertThat(start.state()).isEqualTo(Future.State.FAILED);
        agent.await("threads ended", () -> threads().isEmpty());
        assertThat(agent.probe("/livez")).startsWith("0 ");
    }

    /** The agent's own threads that live as long as the agent. */
    private static List<String> threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.matches("(events|resync|departing|reconciler).*"))
                .toList();
    }
}
