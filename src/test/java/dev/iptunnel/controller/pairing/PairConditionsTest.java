package dev.iptunnel.controller.pairing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.api.v1alpha1.IpTunnel;
import dev.iptunnel.api.v1alpha1.IpTunnelStatus;
import dev.iptunnel.controller.cluster.StoredTunnel;
import dev.iptunnel.pairing.PairReason;
import dev.iptunnel.set.FleetNode;
import dev.iptunnel.set.OuterAddresses;
import dev.iptunnel.tunnel.IpFamily;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class PairConditionsTest {
    private static final List<FleetNode> NODES = List.of(node("node1", "192.0.2.1"), node("node2", "192.0.2.2"));

    private final Map<String, StoredTunnel> tunnels = new LinkedHashMap<>();
    private final List<Integer> failures = new ArrayList<>();
    private final List<String> writes = new ArrayList<>();
    private Instant steady = Instant.EPOCH;
    private int version;
    private final PairConditions conditions = new PairConditions(
            this::apply,
            Clock.fixed(Instant.parse("2026-01-02T03:04:05Z"), ZoneOffset.UTC),
            () -> steady,
            time -> steady = steady.plus(time));

    private static FleetNode node(String name, String address) {
        return new FleetNode(
                name,
                "uid",
                Map.of(),
                List.of(new FleetNode.NodeAddress(
                        OuterAddresses.Type.INTERNAL_IP,
                        IpFamily.literal(address).orElseThrow())),
                List.of(),
                true);
    }

    /** The agent has programmed it. */
    private void program(String name, String node, String local, String remote, int mtu) {
        StoredTunnel tunnel = Serialization.unmarshal(
                """
                {"metadata": {"name": "%s", "uid": "uid-of-%s"},
                 "spec": {"nodeName": "%s", "mode": "ipip", "local": "%s", "remote": "%s",
                          "addresses": [{"address": "oops"}], "adminState": "Up"}}
                """
                        .formatted(name, name, node, local, remote),
                StoredTunnel.class);
        tunnel.setStatus(new IpTunnelStatus(
                1L, name, 7, mtu, null, local, remote, "UNKNOWN", List.of(condition("Ready", "True", "TunnelUp", ""))));
        put(tunnel);
    }

    private void put(StoredTunnel tunnel) {
        version++;
        tunnel.getMetadata().setResourceVersion(Integer.toString(version));
        tunnels.put(tunnel.getMetadata().getName(), tunnel);
    }

    private static Condition condition(String type, String status, String reason, String message) {
        return new ConditionBuilder()
                .withType(type)
                .withStatus(status)
                .withReason(reason)
                .withMessage(message)
                .withLastTransitionTime("2026-01-01T00:00:00Z")
                .build();
    }

    private void apply(IpTunnel patch) {
        if (!failures.isEmpty()) {
            throw new KubernetesClientException("told to fail", failures.removeFirst(), null);
        }
        String name = patch.getMetadata().getName();
        StoredTunnel old = stored(name);
        Condition written = patch.getStatus().conditions().getFirst();
        StoredTunnel now = Serialization.clone(old);
        now.setStatus(old.getStatus()
                .withConditions(Stream.concat(
                                old.getStatus().conditions().stream()
                                        .filter(condition ->
                                                !condition.getType().equals("Paired")),
                                Stream.of(written))
                        .toList()));
        put(now);
        writes.add(name + " " + written.getReason());
    }

    private StoredTunnel stored(String name) {
        return Optional.ofNullable(tunnels.get(name)).orElseThrow();
    }

    private Map<PairReason, Long> look() {
        return conditions.look(List.copyOf(tunnels.values()), NODES);
    }

    private void pass(Duration time) {
        for (Instant end = steady.plus(time); steady.isBefore(end); steady = steady.plusSeconds(10)) {
            look();
        }
        look();
    }

    private Condition paired(String name) {
        return stored(name).condition("Paired").orElseThrow();
    }

    private void pair() {
        program("a", "node1", "192.0.2.1", "192.0.2.2", 1480);
        program("b", "node2", "192.0.2.2", "192.0.2.1", 1480);
    }

    @Test
    void a_pair_is_written_at_once_and_only_once() {
        pair();

        assertThat(look()).isEqualTo(Map.of(PairReason.PEER_READY, 2L));
        pass(Duration.ofMinutes(10));

        assertThat(writes).containsExactly("a PeerReady", "b PeerReady");
        assertThat(paired("a").getStatus()).isEqualTo("True");
        assertThat(paired("a").getLastTransitionTime()).isEqualTo("2026-01-02T03:04:05Z");
    }

    @Test
    void what_an_agent_wrote_stays() {
        pair();
        look();

        assertThat(stored("a").getStatus().mtu()).isEqualTo(1480);
        assertThat(stored("a").condition("Ready")).isPresent();
    }

    @Test
    void an_end_whose_peer_comes_within_half_a_minute_is_never_said_to_lack_it() {
        program("a", "node1", "192.0.2.1", "192.0.2.2", 1480);
        pass(Duration.ofSeconds(20));
        program("b", "node2", "192.0.2.2", "192.0.2.1", 1480);
        pass(Duration.ofMinutes(1));

        assertThat(writes).containsExactly("a PeerReady", "b PeerReady");
    }

    @Test
    void a_missing_peer_is_told_after_half_a_minute() {
        program("a", "node1", "192.0.2.1", "192.0.2.2", 1480);
        pass(Duration.ofSeconds(20));
        assertThat(writes).isEmpty();

        pass(Duration.ofSeconds(20));

        assertThat(paired("a").getReason()).isEqualTo("PeerMissing");
        assertThat(paired("a").getStatus()).isEqualTo("False");
    }

    @Test
    void the_message_is_written_anew_when_the_peer_is_well_again() {
        pair();
        program("b", "node2", "192.0.2.2", "192.0.2.1", 1460);
        pass(Duration.ofSeconds(40));
        assertThat(paired("a").getReason()).isEqualTo("PeerAsymmetric");
        steady = steady.plusSeconds(60);

        program("b", "node2", "192.0.2.2", "192.0.2.1", 1480);
        look();

        assertThat(paired("a").getMessage()).isEqualTo("IpTunnel b on node node2 is the other end");
        assertThat(paired("a").getStatus()).isEqualTo("True");
    }

    @Test
    void a_peer_that_comes_and_goes_is_not_written_more_than_twice_a_minute() {
        for (int flap = 0; flap < 30; flap++) {
            pair();
            pass(Duration.ofSeconds(10));
            tunnels.remove("b");
            pass(Duration.ofSeconds(10));
        }

        // Without "b", which is another object each time.
        assertThat(writes.stream().filter(write -> write.startsWith("a")).count())
                .isLessThanOrEqualTo(25);
    }

    @Test
    void a_tunnel_that_is_not_programmed_has_no_condition() {
        program("a", "node1", "192.0.2.1", "192.0.2.2", 1480);
        StoredTunnel fresh = Serialization.clone(stored("a"));
        fresh.setStatus(null);
        put(fresh);

        pass(Duration.ofMinutes(1));

        assertThat(writes).isEmpty();
    }

    @Test
    void a_tunnel_that_is_not_programmed_any_more_does_not_keep_an_old_answer() {
        pair();
        look();
        StoredTunnel lost = Serialization.clone(stored("a"));
        IpTunnelStatus before = lost.getStatus();
        lost.setStatus(new IpTunnelStatus(2L, null, null, null, null, null, null, null, before.conditions()));
        put(lost);

        pass(Duration.ofMinutes(1));

        assertThat(paired("a").getReason()).isEqualTo("NotProgrammed");
        assertThat(paired("b").getReason()).isEqualTo("PeerMissing");
    }

    @Test
    void a_tunnel_that_is_going_gets_no_condition() {
        program("a", "node1", "192.0.2.1", "192.0.2.2", 1480);
        stored("a").getMetadata().setDeletionTimestamp("2026-01-02T03:04:05Z");

        pass(Duration.ofMinutes(1));

        assertThat(writes).isEmpty();
    }

    @Test
    void an_object_that_is_gone_meanwhile_does_not_keep_the_others_waiting() {
        pair();
        failures.addAll(List.of(404));

        look();

        assertThat(writes).containsExactly("b PeerReady");
    }

    @Test
    void an_object_that_breaks_a_rule_does_not_keep_the_others_waiting() {
        pair();
        failures.addAll(List.of(422));

        look();

        assertThat(writes).containsExactly("b PeerReady");
    }

    @Test
    void a_server_that_refuses_is_asked_again_at_the_next_look_only() {
        pair();
        failures.addAll(List.of(403));

        look();
        assertThat(writes).isEmpty();
        assertThat(failures).isEmpty();
        look();

        assertThat(writes).containsExactly("a PeerReady", "b PeerReady");
    }

    @Test
    void a_look_at_many_ends_after_five_seconds_and_goes_on_in_the_next() {
        for (int number = 0; number < 400; number++) {
            program("a" + number, "node1", "10.0.%d.%d".formatted(number / 200, number % 200 + 1), "192.0.2.2", 1480);
            program("b" + number, "node2", "192.0.2.2", "10.0.%d.%d".formatted(number / 200, number % 200 + 1), 1480);
        }

        look();
        assertThat(writes.size()).isBetween(200, 300);
        look();
        look();
        look();

        assertThat(writes).hasSize(800).doesNotHaveDuplicates();
    }
}
