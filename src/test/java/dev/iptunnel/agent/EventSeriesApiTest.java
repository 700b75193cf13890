package dev.iptunnel.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.agent.event.EventRecorder;
import dev.iptunnel.api.ApiServer;
import dev.iptunnel.event.Unwritten;
import dev.iptunnel.kernel.NetworkConfigurators;
import dev.iptunnel.plan.Operation;
import dev.iptunnel.plan.Operation.AddRoute;
import dev.iptunnel.plan.Plan;
import dev.iptunnel.plan.Reason;
import dev.iptunnel.plan.Refusal;
import dev.iptunnel.schedule.MovableClock;
import dev.iptunnel.tunnel.InnerRoute;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.IpPrefix;
import io.fabric8.kubernetes.api.model.events.v1.Event;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** How repeated occurrences are reported, with a real API server. */
@Tag("api")
class EventSeriesApiTest {
    private static final Refusal NO_PARENT = new Refusal(Reason.PARENT_NOT_FOUND, "there is no interface eth9");

    private final MovableClock clock = new MovableClock();
    private final KubernetesClient client;
    private final EventRecorder recorder;

    EventSeriesApiTest() throws IOException {
        client = ApiServer.connect();
        recorder = new EventRecorder(
                client, "node1", clock.clocks(), NetworkConfigurators.ofThisNode(), () -> false, _ -> {});
    }

    @BeforeEach
    void clear() {
        client.events().v1().events().inNamespace("default").delete();
    }

    @AfterEach
    void close() {
        recorder.close();
        client.close();
    }

    @Test
    void what_happens_once_is_an_Event_without_a_series() {
        recorder.refused(Tunnels.ipip("to-berlin"), NO_PARENT);

        recorder.close();

        assertThat(events()).singleElement().satisfies(event -> {
            assertThat(event.getType()).isEqualTo("Warning");
            assertThat(event.getReason()).isEqualTo("ParentNotFound");
            assertThat(event.getNote()).isEqualTo("there is no interface eth9");
            assertThat(event.getReportingController()).isEqualTo("iptunnel.dev/agent");
            assertThat(event.getReportingInstance()).isEqualTo("node1");
            assertThat(event.getRegarding().getName()).isEqualTo("to-berlin");
            assertThat(event.getSeries()).isNull();
        });
    }

    @Test
    void a_long_note_is_cut() {
        recorder.refused(Tunnels.ipip("to-berlin"), new Refusal(Reason.PARENT_NOT_FOUND, "x".repeat(2000)));
        recorder.refused(Tunnels.ipip("to-munich"), new Refusal(Reason.PARENT_NOT_FOUND, "é".repeat(2000)));

        recorder.close();

        assertThat(events()).hasSize(2).allMatch(event -> event.getNote().endsWith("…"));
    }

    @Test
    void a_repetition_is_counted_in_the_existing_Event() {
        for (int second = 0; second < 5; second++) {
            recorder.refused(Tunnels.ipip("to-berlin"), NO_PARENT);
            clock.move(Duration.ofSeconds(1));
        }

        recorder.close();

        assertThat(events()).singleElement().satisfies(event -> {
            assertThat(event.getEventTime().getTime()).isEqualTo("2026-01-02T03:04:05.678000Z");
            assertThat(event.getSeries().getCount()).isEqualTo(5);
            assertThat(event.getSeries().getLastObservedTime().getTime()).isEqualTo("2026-01-02T03:04:09.678000Z");
        });
    }

    @Test
    void a_first_repetition_is_written_at_once() {
        recorder.refused(Tunnels.ipip("to-berlin"), NO_PARENT);
        recorder.refused(Tunnels.ipip("to-berlin"), NO_PARENT);

        await(() -> events().stream()
                .anyMatch(
                        event -> event.getSeries() != null && event.getSeries().getCount() == 2));
    }

    @Test
    void another_note_or_another_tunnel_is_another_Event() {
        recorder.refused(Tunnels.ipip("to-berlin"), NO_PARENT);
        recorder.refused(Tunnels.ipip("to-berlin"), new Refusal(Reason.PARENT_NOT_FOUND, "there is no interface eth8"));
        recorder.refused(Tunnels.ipip("to-munich"), NO_PARENT);

        recorder.close();

        assertThat(events()).hasSize(3).allMatch(event -> event.getSeries() == null);
    }

    @Test
    void a_repetition_after_six_minutes_is_another_Event() {
        recorder.refused(Tunnels.ipip("to-berlin"), NO_PARENT);
        clock.move(Duration.ofMinutes(6));
        recorder.refused(Tunnels.ipip("to-berlin"), NO_PARENT);

        recorder.close();

        assertThat(events()).hasSize(2).allMatch(event -> event.getSeries() == null);
    }

    @Test
    void a_series_continues_if_each_repetition_is_within_six_minutes() {
        for (int i = 0; i < 4; i++) {
            recorder.refused(Tunnels.ipip("to-berlin"), NO_PARENT);
            clock.move(Duration.ofMinutes(5));
        }

        recorder.close();

        assertThat(events())
                .singleElement()
                .satisfies(event -> assertThat(event.getSeries().getCount()).isEqualTo(4));
    }

    @Test
    void an_Event_that_the_API_server_has_removed_is_created_again() {
        recorder.refused(Tunnels.ipip("to-berlin"), NO_PARENT);
        await(() -> events().size() == 1);
        clear();
        recorder.refused(Tunnels.ipip("to-berlin"), NO_PARENT);

        recorder.close();

        assertThat(events()).singleElement().satisfies(event -> assertThat(event.getSeries())
                .isNull());
    }

    @Test
    void one_tunnel_gets_no_more_than_25_Events_in_six_minutes() {
        for (int i = 0; i < 30; i++) {
            recorder.refused(Tunnels.ipip("to-berlin"), new Refusal(Reason.KERNEL_ERROR, "error " + i));
        }
        recorder.refused(Tunnels.ipip("to-munich"), NO_PARENT);

        recorder.close();

        assertThat(events().stream().map(event -> event.getRegarding().getName()))
                .hasSize(26)
                .contains("to-munich");
    }

    @Test
    void a_tunnel_with_30_routes_on_a_node_with_a_long_name_gets_its_Event() {
        String node = "a-node-with-a-long-name.".repeat(9) + "example";
        List<Operation> routes = IntStream.range(0, 30)
                .<Operation>mapToObj(number -> new AddRoute(
                        OptionalInt.empty(),
                        "to-berlin",
                        new InnerRoute(
                                IpPrefix.parse(IpFamily.IPV4, "192.168." + number + ".0/24"),
                                Optional.empty(),
                                InnerRoute.MAIN_TABLE,
                                0)))
                .toList();
        Queue<Unwritten> unwritten = new ConcurrentLinkedQueue<>();
        EventRecorder ofLongName = new EventRecorder(
                client, node, clock.clocks(), NetworkConfigurators.ofThisNode(), () -> false, unwritten::add);

        ofLongName.executed(Tunnels.ipip("to-berlin"), new Plan(routes));
        ofLongName.close();

        assertThat(unwritten).isEmpty();
        assertThat(events()).singleElement().satisfies(event -> {
            assertThat(event.getReason()).isEqualTo("TunnelChanged");
            assertThat(event.getNote())
                    .startsWith("ip route add 192.168.0.0/24 dev to-berlin")
                    .endsWith("…");
            assertThat(event.getReportingInstance())
                    .startsWith("a-node-with-a-long-name.")
                    .endsWith("…");
        });
    }

    private static void await(BooleanSupplier so) {
        for (int tries = 0; !so.getAsBoolean(); tries++) {
            assertThat(tries).as("a tenth of a second each").isLessThan(100);
            AgentOfNode1.pause(Duration.ofMillis(100));
        }
    }

    private List<Event> events() {
        return client.events().v1().events().inNamespace("default").list().getItems();
    }
}
