package dev.iptunnel.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.agent.cluster.FaultyApiServer;
import dev.iptunnel.api.IpTunnels;
import dev.iptunnel.api.v1alpha1.IpTunnel;
import dev.iptunnel.controller.liveness.ListedFleet;
import dev.iptunnel.schedule.Clocks;
import dev.iptunnel.schedule.MovableClock;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.client.Watch;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** An agent whose wall clock is an hour late, and the controller's judge with a clock that is set now and then. */
@Tag("sets")
class LivenessApiTest {
    private static final Duration LOOK = Duration.ofSeconds(5);
    /** A detection takes 60 seconds from the last renewal, a look, and the time of a busy machine. */
    private static final Duration DETECTION = Duration.ofSeconds(70);

    @RegisterExtension
    final AgentOfNode1 agent = new AgentOfNode1(
            Duration.ofHours(1),
            new Clocks(
                    Clock.offset(Clock.systemUTC(), Duration.ofHours(-1)),
                    Clocks.system().steady()));

    private final MovableClock controllersClock = new MovableClock();
    private final ScheduledExecutorService looks = new ListedFleet(agent.client, agent.namespace(), _ -> true)
            .judge(controllersClock, Clocks.system().steady());

    @AfterEach
    void stopJudging() throws InterruptedException {
        looks.shutdownNow();
        assertThat(looks.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
    }

    private Lease lease() {
        return agent.client
                .leases()
                .inNamespace(agent.namespace())
                .withName("agent.node1")
                .require();
    }

    private Map<String, String> versions() {
        return agent.client.resources(IpTunnel.class).list().getItems().stream()
                .collect(Collectors.toMap(tunnel -> tunnel.getMetadata().getName(), tunnel -> tunnel.getMetadata()
                        .getResourceVersion()));
    }

    private String conditions(String name) {
        return agent.get(name).getStatus().conditions().stream()
                .map(condition -> condition.getType() + "=" + condition.getStatus() + " " + condition.getReason())
                .sorted()
                .collect(Collectors.joining(", "));
    }

    private static void await(Duration most, BooleanSupplier so) {
        Instant deadline = Instant.now().plus(most);
        while (!so.getAsBoolean()) {
            assertThat(Instant.now()).isBefore(deadline);
            AgentOfNode1.pause(Duration.ofMillis(200));
        }
    }

    /** Counts the changes of each tunnel by others. */
    private Watch count(Map<String, Integer> changes) {
        return agent.client.resources(IpTunnel.class).watch(new Watcher<>() {
            @Override
            public void eventReceived(Action action, IpTunnel tunnel) {
                if (action == Action.MODIFIED) {
                    changes.merge(tunnel.getMetadata().getName(), 1, Integer::sum);
                }
            }

            @Override
            public void onClose(WatcherException cause) {}
        });
    }

    private void createOneReadyOneStalledAndOnePaused() {
        agent.create("ready", AgentOfNode1.ipip(1));
        agent.create("stalled", IpTunnels.with(AgentOfNode1.ipip(2), "interfaceName: eth0"));
        agent.create("paused", AgentOfNode1.ipip(3));
        agent.awaitInSync("paused");
        agent.change("paused", "paused: true");
        agent.awaitCondition("ready", "Ready", "TunnelUp");
        agent.awaitCondition("stalled", "Stalled", "InterfaceNameConflict");
        agent.awaitCondition("paused", "Paused", "Paused");
    }

    @Test
    void the_tunnels_of_an_agent_that_ended_are_marked_and_each_is_written_once_when_it_returns() {
        createOneReadyOneStalledAndOnePaused();
        agent.await("the Lease", () -> agent.metrics().contains("iptunnel_lease_renewals_total{result=\"renewed\"}"));

        agent.stop();
        await(DETECTION, () -> conditions("ready").contains("Ready=Unknown AgentNotResponding"));
        await(
                LOOK,
                () -> conditions("stalled").contains("Unknown")
                        && conditions("paused").contains("Unknown"));

        assertThat(conditions("ready"))
                .isEqualTo("Programmed=Unknown AgentNotResponding, Ready=Unknown AgentNotResponding");
        assertThat(conditions("stalled")).contains("Stalled=True InterfaceNameConflict");
        assertThat(conditions("paused")).contains("Paused=True Paused");
        assertThat(agent.get("ready").getStatus().mtu()).isEqualTo(1480);
        assertThat(agent.get("ready").getStatus().observedGeneration()).isEqualTo(1);

        Map<String, Integer> changes = new ConcurrentHashMap<>();
        try (Watch _ = count(changes)) {
            AgentOfNode1.settle();
            changes.clear();
            agent.start();
            agent.awaitCondition("ready", "Ready", "TunnelUp");
            agent.awaitCondition("stalled", "Programmed", "InterfaceNameConflict");
            agent.awaitCondition("paused", "Ready", "TunnelUp");
            AgentOfNode1.pause(LOOK.multipliedBy(3));
            assertThat(changes).isEqualTo(Map.of("ready", 1, "stalled", 1, "paused", 1));
        }

        agent.change("stalled", "interfaceName: mended");
        agent.change("paused", "paused: false");
        agent.awaitCondition("stalled", "Ready", "TunnelUp");
        agent.await("not paused", () -> !conditions("paused").contains("Paused"));
        assertThat(conditions("stalled")).isEqualTo("Programmed=True InSync, Ready=True TunnelUp");
        assertThat(conditions("paused")).isEqualTo("Programmed=True InSync, Ready=True TunnelUp");
    }

    /** The API server takes no Lease of it, but statuses. */
    @Test
    void an_agent_that_answers_a_mark_is_not_marked_again_at_once() {
        agent.create("ready", AgentOfNode1.ipip(1));
        agent.awaitCondition("ready", "Ready", "TunnelUp");
        agent.await("the Lease", () -> lease().getSpec().getRenewTime() != null);
        Map<String, Integer> changes = new ConcurrentHashMap<>();
        try (Watch _ = count(changes)) {
            AgentOfNode1.settle();
            changes.clear();

            agent.api.answer(FaultyApiServer.Request.LEASE, 403, "");
            agent.await("a mark and its answer", () -> changes.getOrDefault("ready", 0) == 2);
            AgentOfNode1.pause(LOOK.multipliedBy(3));

            assertThat(changes).isEqualTo(Map.of("ready", 2));
        }
        Condition ready = agent.awaitCondition("ready", "Ready", "TunnelUp");
        assertThat(ready.getStatus()).isEqualTo("True");
        assertThat(agent.metrics()).contains("iptunnel_lease_renewals_total{result=\"failed\"}");
    }

    @Test
    void in_two_minutes_in_which_nothing_happens_only_the_Lease_is_written_whatever_the_clocks_say() {
        createOneReadyOneStalledAndOnePaused();
        agent.await("the Lease", () -> lease().getSpec().getRenewTime() != null);
        Map<String, String> before = versions();
        int transitions = 0;
        String renewed = lease().getMetadata().getResourceVersion();

        for (int second = 0; second < 120; second++) {
            AgentOfNode1.pause(Duration.ofSeconds(1));
            controllersClock.move(second % 2 == 0 ? Duration.ofHours(1) : Duration.ofHours(-2));
            String now = lease().getMetadata().getResourceVersion();
            if (!now.equals(renewed)) {
                transitions++;
                renewed = now;
            }
        }

        assertThat(versions()).isEqualTo(before);
        assertThat(transitions).isBetween(5, 7);
        assertThat(lease().getSpec().getRenewTime().toInstant())
                .isBefore(Instant.now().minus(Duration.ofMinutes(50)));
        assertThat(lease().getSpec().getHolderIdentity()).isEqualTo("node1");
    }
}
