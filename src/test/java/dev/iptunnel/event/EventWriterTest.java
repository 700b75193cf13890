package dev.iptunnel.event;

import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.agent.AgentOfNode1;
import dev.iptunnel.agent.Tunnels;
import dev.iptunnel.schedule.Clocks;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.time.Instant;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The limits on Events in the agent's memory, with an API server that answers when the test lets it. */
class EventWriterTest {
    private static final EventWriter.Reporter REPORTER =
            new EventWriter.Reporter("iptunnel.dev/agent", Tunnels.NODE, "iptunnel.dev/v1alpha1", "IpTunnel", "tunnel");

    private static final String EVENTS = "/apis/events.k8s.io/v1/namespaces/default/events";
    private static final int WAITING = 1000;
    private static final int REMEMBERED = 100;

    private final KubernetesMockServer server = new KubernetesMockServer(false);
    private final CountDownLatch answers = new CountDownLatch(1);
    private final Queue<Unwritten> unwritten = new ConcurrentLinkedQueue<>();
    private volatile boolean busy;
    private final Queue<String> created = new ConcurrentLinkedQueue<>();
    private final KubernetesClient client;
    private final EventWriter writer;

    EventWriterTest() {
        server.init();
        server.expect()
                .post()
                .withPath(EVENTS)
                .andReply(HttpURLConnection.HTTP_CREATED, request -> {
                    created.add(request.getBody().readUtf8());
                    awaitUninterrupted(answers);
                    return "{}";
                })
                .always();
        client = server.createClient();
        writer = new EventWriter(client, REPORTER, Clocks.system(), () -> busy, unwritten::add, WAITING, REMEMBERED);
    }

    @AfterEach
    void close() {
        answers.countDown();
        writer.close();
        client.close();
        server.destroy();
    }

    @Test
    void at_most_so_many_Events_wait_for_a_slow_API_server_and_further_ones_are_logged_and_counted() {
        writer.write(onTunnel(0));
        awaitCreated(onTunnel(0), 1);
        for (int tunnel = 1; tunnel <= 1200; tunnel++) {
            writer.write(onTunnel(tunnel));
        }

        answers.countDown();

        awaitCreated(onTunnel(1000), 1001);
        writer.write(onTunnel(2000));
        awaitCreated(onTunnel(2000), 1002);
        assertThat(unwritten).hasSize(200).containsOnly(Unwritten.QUEUE_FULL);
    }

    @Test
    void Events_wait_while_tunnels_wait_to_be_reconciled() throws InterruptedException {
        answers.countDown();
        busy = true;
        writer.write(onTunnel(1));
        Thread.sleep(200);
        assertThat(created).isEmpty();

        busy = false;

        awaitCreated(onTunnel(1), 1);
    }

    @Test
    void if_the_memory_is_full_further_Events_are_written_each_time() {
        answers.countDown();
        for (int tunnel = 0; tunnel <= REMEMBERED; tunnel++) {
            writer.write(onTunnel(tunnel));
        }

        writer.write(onTunnel(REMEMBERED));
        writer.write(onTunnel(2000));

        awaitCreated(onTunnel(2000), REMEMBERED + 3);
        assertThat(server.getRequestCount()).as("none was changed").isEqualTo(REMEMBERED + 3);
    }

    private static Occurrence onTunnel(int number) {
        return new Occurrence("tunnel-" + number, "uid-" + number, "Normal", "TunnelCreated", "Program", "made");
    }

    /** @param last the Event before which all others were written */
    private void awaitCreated(Occurrence last, int expected) {
        Instant deadline = Instant.now().plusSeconds(30);
        String name = "\"name\":\"" + last.name() + "\"";
        while (created.stream().noneMatch(event -> event.contains(name))) {
            assertThat(Instant.now()).as("%s is written", last.name()).isBefore(deadline);
            AgentOfNode1.pause(Duration.ofMillis(20));
        }
        assertThat(created.size()).isEqualTo(expected);
    }

    private static void awaitUninterrupted(CountDownLatch latch) {
        try {
            assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }
}
