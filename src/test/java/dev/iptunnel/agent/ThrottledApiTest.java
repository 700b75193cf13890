package dev.iptunnel.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.agent.cluster.FaultyApiServer.Request;
import io.fabric8.kubernetes.api.model.events.v1.Event;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The API server takes writes slowly, or says "429 Too Many Requests". */
@Tag("api")
class ThrottledApiTest {
    private static final int MANY = 100;
    private static final int RETRY_AFTER_SECONDS = 5;
    /** Less than the statuses would take if the threads that reconcile wrote them. */
    private static final Duration SOON = Duration.ofSeconds(60);

    private static final Pattern UNWRITTEN =
            Pattern.compile("(?m)^iptunnel_events_unwritten_total\\{[^}]*} ([0-9.]+)$");

    @RegisterExtension
    final AgentOfNode1 agent = AgentOfNode1.withRetries();

    private final List<String> names =
            IntStream.range(0, MANY).mapToObj(i -> "many" + i).toList();

    @Test
    void tunnels_are_programmed_while_statuses_are_refused_for_now_and_the_statuses_follow() {
        agent.api.throttle(Request.STATUS, RETRY_AFTER_SECONDS);

        createAndAwaitTunnels();

        agent.api.mend();
        names.forEach(agent::awaitInSync);
        awaitEventsOrTheirCount();
    }

    @Test
    void tunnels_are_programmed_while_statuses_get_no_answer_and_the_statuses_follow() {
        agent.api.answerLater(Request.STATUS, 503, "");

        createAndAwaitTunnels();

        agent.api.mend();
        names.forEach(agent::awaitInSync);
        awaitEventsOrTheirCount();
    }

    @Test
    void events_that_are_refused_are_counted_and_hold_up_no_status() {
        agent.api.throttle(Request.EVENT, 1);

        createAndAwaitTunnels();

        names.forEach(agent::awaitInSync);
        agent.api.mend();
        awaitEventsOrTheirCount();
        assertThat(unwritten()).isPositive();
    }

    private void createAndAwaitTunnels() {
        Instant start = Instant.now();
        names.forEach(name -> agent.create(name, AgentOfNode1.ipip(1 + names.indexOf(name))));
        agent.await(
                "all tunnels",
                () -> agent.kernel.links().stream()
                                .filter(link -> link.mark().isPresent())
                                .count()
                        == MANY);
        assertThat(Duration.between(start, Instant.now())).isLessThan(SOON);
    }

    /** One for each tunnel, and none is lost. */
    private void awaitEventsOrTheirCount() {
        agent.await("an Event of each tunnel, or its count", () -> written() + unwritten() == MANY);
    }

    private long written() {
        return agent.client.events().v1().events().inNamespace("default").list().getItems().stream()
                .map(Event::getReason)
                .filter("TunnelCreated"::equals)
                .count();
    }

    private long unwritten() {
        return UNWRITTEN
                .matcher(agent.metrics())
                .results()
                .map(MatchResult::group)
                .mapToLong(line -> (long) Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }
}
