package dev.iptunnel.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.agent.cluster.FaultyApiServer.Request;
import dev.iptunnel.api.ApiServer;
import dev.iptunnel.api.IpTunnels;
import dev.iptunnel.api.v1alpha1.IpTunnel;
import dev.iptunnel.observation.ObservedLink;
import dev.iptunnel.schedule.MovableClock;
import dev.iptunnel.tunnel.Mark;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Tunnels that lose their object, by a real API server or one that answers wrongly: no tunnel with an object is
 * removed.
 */
@Tag("api")
class OrphansApiTest {
    private static final String CRD = "iptunnels.iptunnel.dev";
    private static final String EXPIRED =
            """
            {"type": "ERROR", "object": {"apiVersion": "v1", "kind": "Status", "status": "Failure", "code": 410, "reason": "Expired"}}
            """;

    private final MovableClock clock = new MovableClock();

    @RegisterExtension
    final AgentOfNode1 agent = new AgentOfNode1(Duration.ofMillis(200), clock.clocks());

    private List<String> create(int count) {
        List<String> names = IntStream.range(0, count).mapToObj(i -> "t" + i).toList();
        names.forEach(name -> agent.create(name, AgentOfNode1.ipip(1 + names.indexOf(name))));
        names.forEach(agent::awaitInSync);
        return names;
    }

    private Map<String, Integer> tunnels() {
        return agent.kernel.links().stream()
                .filter(link -> link.mark().isPresent())
                .collect(Collectors.toMap(ObservedLink::name, ObservedLink::index));
    }

    private String emptyList() {
        return """
                {"apiVersion": "iptunnel.dev/v1alpha1", "kind": "IpTunnelList", "metadata": {"resourceVersion": "%s"}, "items": []}
                """
                .formatted(agent.client
                        .resources(IpTunnel.class)
                        .list()
                        .getMetadata()
                        .getResourceVersion());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 6})
    void a_wrongly_empty_list_at_the_start_removes_nothing(int count) {
        create(count);
        Map<String, Integer> before = tunnels();
        agent.stop();
        agent.api.answer(Request.LIST, 200, emptyList());

        agent.start();

        AgentOfNode1.settle();
        assertThat(tunnels()).isEqualTo(before);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 6})
    void a_wrongly_empty_list_after_an_interrupted_watch_removes_nothing(int count) {
        agent.stop();
        agent.api.answerLater(Request.WATCH, 200, EXPIRED);
        IntStream.range(0, count).forEach(i -> agent.create("t" + i, AgentOfNode1.ipip(1 + i)));
        agent.start();
        IntStream.range(0, count).forEach(i -> agent.awaitInSync("t" + i));
        Map<String, Integer> before = tunnels();
        agent.api.answer(Request.LIST, 200, emptyList());

        agent.api.release();

        AgentOfNode1.settle();
        assertThat(tunnels()).isEqualTo(before);
        agent.api.mend();
        agent.change("t0", "ttl: 17");
        agent.awaitInSync("t0");
        assertThat(tunnels()).isEqualTo(before);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "500 | internal error",
                "503 | {\"kind\":\"Status\",\"reason\":\"ServiceUnavailable\",\"code\":503}",
                "404 | 404 page not found",
                "200 | {",
            })
    void a_deletion_waits_until_the_API_server_confirms_it(int code, String body) {
        create(1);
        agent.api.answer(Request.READ, code, body);

        agent.delete("t0");

        AgentOfNode1.settle();
        assertThat(tunnels()).containsKey("t0");
        agent.api.mend();
        agent.await("tunnel gone", () -> tunnels().isEmpty());
    }

    @Test
    void a_deletion_waits_while_the_API_server_does_not_answer() {
        create(1);
        agent.api.answerLater(Request.READ, 504, "");

        agent.delete("t0");

        AgentOfNode1.settle();
        assertThat(tunnels()).containsKey("t0");
        agent.api.mend();
        agent.await("tunnel gone", () -> tunnels().isEmpty());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 30})
    void after_the_CRD_is_removed_and_restored_objects_created_again_take_their_tunnels_over(int count)
            throws IOException {
        List<String> names = create(count);
        Map<String, Integer> before = tunnels();
        removeCrd();
        AgentOfNode1.settle();
        assertThat(tunnels()).isEqualTo(before);
        ApiServer.installCrd(agent.client);
        AgentOfNode1.settle();

        names.forEach(name -> agent.create(name, AgentOfNode1.ipip(1 + names.indexOf(name))));

        names.forEach(agent::awaitInSync);
        assertThat(tunnels()).isEqualTo(before);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 5})
    void tunnels_of_objects_that_an_older_snapshot_lacks_are_taken_over_by_objects_created_again(int count) {
        List<String> names = create(count);
        Map<String, Integer> before = tunnels();
        loseObjects();
        assertThat(tunnels()).isEqualTo(before);

        names.forEach(name -> agent.create(name, AgentOfNode1.ipip(1 + names.indexOf(name))));

        names.forEach(agent::awaitInSync);
        assertThat(tunnels()).isEqualTo(before);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 5})
    void tunnels_of_objects_that_an_older_snapshot_lacks_are_removed_after_ten_minutes(int count) {
        create(count);
        loseObjects();
        assertThat(tunnels()).hasSize(count);

        clock.move(Duration.ofMinutes(10));

        agent.await("tunnels gone", () -> tunnels().isEmpty());
    }

    @Test
    void a_held_tunnel_is_reported_and_an_object_that_waits_for_its_name_says_until_when() {
        create(1);
        loseObjects();
        agent.awaitEvent("t0", "TunnelHeld");
        assertThat(agent.metrics()).contains("iptunnel_held_tunnels 1.0");

        agent.create("waits", IpTunnels.with(AgentOfNode1.ipip(7), "interfaceName: t0"));

        agent.await("until when is said", () -> agent.condition("waits", "Programmed")
                .filter(condition -> condition.getReason().equals("InterfaceNameConflict")
                        && condition.getMessage().contains("is held until 2026-01-02T03:14:"))
                .isPresent());
        assertThat(agent.condition("waits", "Stalled")).isEmpty();
        clock.move(Duration.ofMinutes(10));
        agent.awaitInSync("waits");
    }

    @Test
    void a_tunnel_whose_object_belongs_to_another_node_is_left_alone_and_reported() {
        agent.create("elsewhere", IpTunnels.with(AgentOfNode1.ipip(1), "nodeName: node0"));
        create(1);
        agent.stop();
        String manager =
                agent.link("t0").flatMap(ObservedLink::mark).orElseThrow().manager();
        String uid = agent.get("elsewhere").getMetadata().getUid();
        Tunnels.put(
                agent.kernel.node(),
                30,
                "elsewhere",
                "iptunnel.dev/v1 manager=" + manager + " uid=" + uid + " deletion=Delete name=elsewhere");

        agent.start();

        agent.awaitEvent("elsewhere", "TunnelLeftAlone");
        assertThat(agent.metrics()).contains("iptunnel_left_alone_tunnels 1.0");
        clock.move(Duration.ofMinutes(11));
        AgentOfNode1.settle();
        assertThat(tunnels()).containsKeys("elsewhere", "t0");
    }

    @Test
    void tunnels_of_objects_removed_with_the_CRD_before_the_start_are_taken_over_by_objects_created_again()
            throws IOException {
        List<String> names = create(3);
        Map<String, Integer> before = tunnels();
        agent.stop();
        removeCrd();
        ApiServer.installCrd(agent.client);
        agent.start();
        AgentOfNode1.settle();
        assertThat(tunnels()).isEqualTo(before);

        names.forEach(name -> {
            agent.create(name, AgentOfNode1.ipip(1 + names.indexOf(name)));
            agent.awaitInSync(name);
        });

        assertThat(tunnels()).isEqualTo(before);
    }

    private void removeCrd() {
        var definition =
                agent.client.apiextensions().v1().customResourceDefinitions().withName(CRD);
        definition.delete();
        agent.await("CRD gone", () -> definition.get() == null);
    }

    /** The agent sees no deletion, as after a restore. */
    private void loseObjects() {
        agent.stop();
        agent.client.resources(IpTunnel.class).delete();
        agent.start();
        AgentOfNode1.settle();
    }

    @ParameterizedTest
    @ValueSource(strings = {"cli", "3f2b8c1e-6a56-4a3e-9a57-6a1f1f6f3b11"})
    void marks_of_other_managers_are_ignored(String manager) {
        agent.stop();
        Tunnels.put(
                agent.kernel.node(),
                10,
                "t10",
                "iptunnel.dev/v1 manager=" + manager + " uid=uid-of-t10 deletion=Delete name=t10");

        agent.start();

        AgentOfNode1.settle();
        assertThat(tunnels()).containsKey("t10");
        agent.create("t10", AgentOfNode1.ipip(10));
        agent.awaitCondition("t10", "Stalled", "InterfaceNameConflict");
        agent.delete("t10");
        AgentOfNode1.settle();
        assertThat(agent.link("t10").flatMap(ObservedLink::mark).map(Mark::manager))
                .contains(manager);
    }

    @Test
    void a_successor_on_another_node_does_not_keep_the_tunnel() {
        create(2);
        agent.stop();
        agent.delete("t0");
        agent.create("t0", IpTunnels.with(AgentOfNode1.ipip(1), "nodeName: node2"));

        agent.start();

        agent.await("tunnel gone", () -> tunnels().keySet().equals(Set.of("t1")));
    }
}
