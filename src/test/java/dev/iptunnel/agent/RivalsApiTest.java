package dev.iptunnel.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.api.IpTunnels;
import dev.iptunnel.api.v1alpha1.IpTunnel;
import dev.iptunnel.api.v1alpha1.IpTunnelSpec;
import dev.iptunnel.observation.ObservedLink;
import dev.iptunnel.plan.Operation.AddTunnel;
import dev.iptunnel.tunnel.Mark;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Objects of one node that want the same interface or endpoints: the older wins, the other waits. */
@Tag("api")
class RivalsApiTest {
    private static final Duration MORE_THAN_A_TIMESTAMP = Duration.ofMillis(1100);
    private static final int PAIRS = 10;

    @RegisterExtension
    final AgentOfNode1 agent = new AgentOfNode1();

    private static IpTunnelSpec named(String interfaceName, int remote) {
        return IpTunnels.with(AgentOfNode1.ipip(remote), "interfaceName: " + interfaceName);
    }

    private List<String> owners() {
        return agent.kernel.links().stream()
                .flatMap(link -> link.mark().stream())
                .map(Mark::name)
                .toList();
    }

    @ParameterizedTest
    @CsvSource({"same, 1, same, 2, InterfaceNameConflict", "one, 1, other, 1, EndpointConflict"})
    void the_older_object_wins_and_the_other_follows_when_it_is_deleted(
            String firstInterface, int firstRemote, String secondInterface, int secondRemote, String reason) {
        agent.create("zz-first", named(firstInterface, firstRemote));
        agent.awaitInSync("zz-first");
        AgentOfNode1.pause(MORE_THAN_A_TIMESTAMP);
        agent.create("aa-second", named(secondInterface, secondRemote));
        agent.awaitCondition("aa-second", "Stalled", reason);
        assertThat(agent.condition("aa-second", "Programmed").orElseThrow().getMessage())
                .contains("\"zz-first\"");
        assertThat(owners()).containsExactly("zz-first");
        String version = agent.get("aa-second").getMetadata().getResourceVersion();

        agent.delete("zz-first");

        agent.awaitInSync("aa-second");
        assertThat(agent.condition("aa-second", "Stalled")).isEmpty();
        assertThat(owners()).containsExactly("aa-second");
        assertThat(agent.get("aa-second").getMetadata().getGeneration()).isOne();
        assertThat(agent.get("aa-second").getMetadata().getResourceVersion()).isNotEqualTo(version);
    }

    @Test
    void a_refusal_that_is_retried_is_reported_once() {
        agent.create("first", named("same", 1));
        agent.awaitInSync("first");
        AgentOfNode1.pause(MORE_THAN_A_TIMESTAMP);
        agent.create("second", named("same", 2));
        agent.awaitCondition("second", "Stalled", "InterfaceNameConflict");
        String version = agent.get("second").getMetadata().getResourceVersion();

        // The first retries come after 1 s, 2 s and 4 s.
        IntStream.range(0, 8).forEach(_ -> AgentOfNode1.settle());

        assertThat(agent.events("second")).containsExactly("InterfaceNameConflict");
        assertThat(agent.get("second").getMetadata().getResourceVersion()).isEqualTo(version);
    }

    @Test
    void the_older_of_each_pair_wins_after_a_power_cut_whatever_is_reconciled_first() {
        agent.stop();
        IntStream.range(0, PAIRS).forEach(i -> agent.create((i % 2 == 0 ? "a" : "z") + i, named("old" + i, i)));
        AgentOfNode1.pause(MORE_THAN_A_TIMESTAMP);
        IntStream.range(0, PAIRS).forEach(i -> agent.create("m" + i, named("young" + i, i)));

        agent.start();

        IntStream.range(0, PAIRS).forEach(i -> agent.awaitCondition("m" + i, "Stalled", "EndpointConflict"));
        Set<String> made = agent.kernel.executed().stream()
                .flatMap(plan -> plan.operations().stream())
                .filter(AddTunnel.class::isInstance)
                .map(operation -> operation.name().replaceAll("[0-9]", ""))
                .collect(Collectors.toSet());
        assertThat(made).containsExactly("old");
        assertThat(agent.kernel.links().stream().filter(link -> link.tunnel().isPresent()))
                .hasSize(PAIRS);
    }

    @Test
    void between_objects_of_the_same_age_the_lower_UID_wins() {
        agent.stop();
        List<IpTunnel> rivals = IntStream.range(0, 6)
                .mapToObj(i -> agent.client
                        .resource(IpTunnels.tunnel("rival" + i, named("rival" + i, 1)))
                        .create())
                .sorted(Comparator.comparing(
                                (IpTunnel tunnel) -> tunnel.getMetadata().getCreationTimestamp())
                        .thenComparing(tunnel -> tunnel.getMetadata().getUid()))
                .toList();

        agent.start();

        agent.awaitInSync(rivals.getFirst().getMetadata().getName());
        assertThat(owners()).containsExactly(rivals.getFirst().getMetadata().getName());
    }

    /** The exchange takes two writes; between them the older takes what the younger has. */
    @Test
    void two_that_exchange_their_endpoints_keep_their_interfaces() {
        agent.create("left", AgentOfNode1.ipip(1));
        agent.create("right", AgentOfNode1.ipip(2));
        agent.awaitInSync("left");
        agent.awaitInSync("right");
        int left = agent.ifindex("left");
        int right = agent.ifindex("right");

        agent.change("left", "remote: 198.51.100.2");
        agent.change("right", "remote: 198.51.100.1");

        agent.awaitInSync("left");
        agent.awaitInSync("right");
        assertThat(remote("left")).isEqualTo("198.51.100.2");
        assertThat(remote("right")).isEqualTo("198.51.100.1");
        assertThat(agent.ifindex("left")).isEqualTo(left);
        assertThat(agent.ifindex("right")).isEqualTo(right);
    }

    /** The retries after 1, 2, 4 and 8 s are over; the next is 16 s later, so an earlier change is due to an event. */
    private void refuseForLong(String name) {
        agent.awaitCondition(name, "Stalled", "InterfaceNameConflict");
        AgentOfNode1.pause(Duration.ofSeconds(16));
    }

    private void awaitTurn(String name) {
        Instant since = Instant.now();
        agent.awaitInSync(name);
        assertThat(Duration.between(since, Instant.now())).isLessThan(Duration.ofSeconds(10));
    }

    @Test
    void the_other_is_reconciled_at_once_when_the_first_is_deleted_even_without_a_tunnel() {
        agent.create("first", IpTunnels.with(named("same", 1), "parent: eth9"));
        agent.awaitCondition("first", "Programmed", "ParentNotFound");
        AgentOfNode1.pause(MORE_THAN_A_TIMESTAMP);
        agent.create("second", named("same", 2));
        refuseForLong("second");

        agent.delete("first");

        awaitTurn("second");
    }

    @Test
    void the_other_is_reconciled_at_once_when_the_first_asks_for_something_else() {
        agent.create("first", IpTunnels.with(named("same", 1), "parent: eth9"));
        agent.awaitCondition("first", "Programmed", "ParentNotFound");
        AgentOfNode1.pause(MORE_THAN_A_TIMESTAMP);
        agent.create("second", named("same", 2));
        refuseForLong("second");

        agent.change("first", "interfaceName: another");

        awaitTurn("second");
    }

    @Test
    void a_younger_object_gets_an_Event_about_the_object_that_displaces_its_tunnel() {
        agent.create("older", AgentOfNode1.ipip(1));
        agent.awaitInSync("older");
        AgentOfNode1.pause(MORE_THAN_A_TIMESTAMP);
        agent.create("younger", AgentOfNode1.ipip(2));
        agent.awaitInSync("younger");
        int ifindex = agent.ifindex("younger");

        agent.change("older", "remote: 198.51.100.2");

        agent.awaitEvent("younger", "TrafficInterrupted");
        agent.awaitCondition("younger", "Stalled", "EndpointConflict");
        agent.awaitEvent("younger", "EndpointConflict");
        assertThat(agent.events("younger")).containsExactly("TunnelCreated", "TrafficInterrupted", "EndpointConflict");
        assertThat(agent.events("older")).containsExactly("TunnelCreated", "TunnelChanged");
        assertThat(agent.get("younger").getStatus().ifindex()).isEqualTo(ifindex);
        assertThat(agent.condition("younger", "Programmed").orElseThrow().getMessage())
                .contains("\"older\"")
                .endsWith("until then interface younger (ifindex " + ifindex + ") carries no packets");
    }

    private String remote(String name) {
        return agent.link(name)
                .flatMap(ObservedLink::tunnel)
                .orElseThrow()
                .remote()
                .getHostAddress();
    }
}
