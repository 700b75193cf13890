package dev.iptunnel.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.agent.cluster.FaultyApiServer.Request;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** An agent that cannot start yet says what it waits for, and need not be restarted. */
@Tag("api")
class AgentStartApiTest {
    @RegisterExtension
    final AgentOfNode1 agent = new AgentOfNode1();

    @ParameterizedTest
    @CsvSource({
        "LIST, 401, does not accept the agent's token",
        "LIST, 403, kubectl apply -k deploy/base",
        "LIST, 404, kubectl apply -k crds",
        "LIST, 503, the API server does not answer",
        "IDENTITY, 401, does not accept the agent's token",
        "IDENTITY, 403, kubectl apply -k deploy/base",
        "IDENTITY, 404, kube-system",
        "IDENTITY, 500, the API server does not answer",
    })
    void the_agent_waits_for_what_is_refused_at_the_start(Request request, int code, String says) {
        agent.create("there", AgentOfNode1.ipip(1));
        agent.stop();
        agent.api.answer(request, code, "");

        CompletableFuture<Void> started = CompletableFuture.runAsync(agent::start, Thread::startVirtualThread);

        agent.await("it says what it waits for", () -> agent.probe("/readyz").contains(says));
        assertThat(agent.probe("/readyz")).startsWith("503 waiting: ");
        assertThat(agent.probe("/livez")).isEqualTo("200 ok\n");
        assertThat(started).isNotDone();
        agent.api.mend();
        assertThat(started).succeedsWithin(Duration.ofSeconds(30));
        agent.awaitInSync("there");
        agent.await("it is ready", () -> agent.probe("/readyz").equals("200 ok\n"));
    }
}
