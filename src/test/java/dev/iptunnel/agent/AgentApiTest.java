package dev.iptunnel.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.agent.cluster.FaultyApiServer.Request;
import dev.iptunnel.agent.cluster.ObjectLookup;
import dev.iptunnel.agent.sdk.NodeControllerConfiguration;
import dev.iptunnel.api.ApiServer;
import dev.iptunnel.api.IpTunnels;
import dev.iptunnel.api.v1alpha1.IpTunnel;
import dev.iptunnel.kernel.KernelEvent;
import dev.iptunnel.observation.ObservedLink;
import dev.iptunnel.planner.SimulatedNode;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.Mark;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.io.IOException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The agent against a real API server, over a kernel in memory. */
@Tag("api")
class AgentApiTest {
    @RegisterExtension
    final AgentOfNode1 agent = new AgentOfNode1();

    @Test
    void an_object_is_programmed_and_its_status_written_once() {
        create("one", "node1", 1);

        agent.awaitInSync("one");

        IpTunnel tunnel = agent.get("one");
        AgentOfNode1.settle();
        assertThat(agent.get("one").getMetadata().getResourceVersion())
                .isEqualTo(tunnel.getMetadata().getResourceVersion());
        assertThat(tunnel.getStatus().ifindex())
                .isEqualTo(agent.link("one").orElseThrow().index());
        assertThat(agent.kernel.executed()).hasSize(1);
    }

    @Test
    void an_object_of_another_node_is_ignored() {
        create("theirs", "node2", 1);
        create("ours", "node1", 1);

        agent.awaitInSync("ours");

        assertThat(agent.link("theirs")).isEmpty();
        assertThat(agent.get("theirs").getStatus().conditions().getFirst().getReason())
                .isEqualTo("Pending");
    }

    @Test
    void the_status_belongs_to_the_agent_under_server_side_apply() {
        create("owned", "node1", 1);

        agent.awaitInSync("owned");

        assertThat(agent.get("owned").getMetadata().getManagedFields())
                .anyMatch(entry -> NodeControllerConfiguration.FIELD_MANAGER.equals(entry.getManager())
                        && "Apply".equals(entry.getOperation())
                        && "status".equals(entry.getSubresource()));
    }

    @Test
    void no_change_of_a_spec_is_lost_while_statuses_are_being_written() {
        create("busy", "node1", 1);
        for (int ttl = 2; ttl <= 60; ttl++) {
            int next = ttl;
            agent.client
                    .resources(IpTunnel.class)
                    .withName("busy")
                    .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"spec\":{\"ttl\":" + next + "}}");
        }

        agent.await("the last TTL is programmed", () -> agent.link("busy")
                .flatMap(ObservedLink::tunnel)
                .filter(parameters -> parameters.ttl() == 60)
                .isPresent());

        agent.awaitInSync("busy");
    }

    @Test
    void when_an_object_is_deleted_its_tunnel_is_removed() {
        create("gone", "node1", 1);
        agent.awaitInSync("gone");

        agent.delete("gone");

        agent.await("tunnel gone", () -> agent.link("gone").isEmpty());
    }

    @Test
    void an_object_that_is_deleted_and_created_again_at_once_has_a_tunnel_of_its_own() {
        for (int round = 0; round < 20; round++) {
            create("again", "node1", 1);
            agent.delete("again");
        }
        create("again", "node1", 1);

        agent.awaitInSync("again");

        AgentOfNode1.settle();
        assertThat(agent.link("again").flatMap(ObservedLink::mark).map(Mark::uid))
                .contains(agent.get("again").getMetadata().getUid());
    }

    @Test
    void an_object_that_is_created_again_while_its_predecessors_status_is_written_gets_its_own_status() {
        agent.api.answerLater(Request.STATUS, 503, "");
        create("again", "node1", 1);
        agent.await("a tunnel to the first remote", () -> leadsTo("again", "198.51.100.1"));
        agent.delete("again");
        create("again", "node1", 2);
        agent.await("a tunnel to the second remote", () -> leadsTo("again", "198.51.100.2"));

        agent.api.mend();

        agent.awaitInSync("again");
        IpTunnel tunnel = agent.get("again");
        assertThat(tunnel.getStatus().remote()).isEqualTo("198.51.100.2");
        AgentOfNode1.settle();
        assertThat(agent.get("again").getMetadata().getResourceVersion())
                .isEqualTo(tunnel.getMetadata().getResourceVersion());
    }

    private boolean leadsTo(String name, String remote) {
        return agent.link(name)
                .flatMap(ObservedLink::tunnel)
                .filter(parameters -> parameters.remote().equals(IpFamily.IPV4.parse(remote)))
                .isPresent();
    }

    @Test
    void an_object_that_is_deleted_while_it_is_reconciled_leaves_no_tunnel() {
        for (int round = 0; round < 20; round++) {
            String name = "turn" + round;
            ObservedLink foreign = SimulatedNode.ethernet(100 + round, name, 1500);
            agent.kernel.node().put(foreign);
            create(name, "node1", 1);
            agent.awaitCondition(name, "Programmed", "InterfaceNameConflict");

            agent.kernel.node().remove(foreign);
            agent.kernel.tell(new KernelEvent.LinkChanged(name, false));
            AgentOfNode1.pause(Duration.ofMillis(round));
            agent.delete(name);
            // The kernel reports the agent's own changes like this.
            for (int event = 0; event < 100; event++) {
                agent.kernel.tell(new KernelEvent.LinkChanged(name, true));
                AgentOfNode1.pause(Duration.ofMillis(1));
            }
            agent.await("no tunnel of " + name, () -> agent.link(name).isEmpty());
        }
        AgentOfNode1.settle();
        assertThat(agent.kernel.links()).noneMatch(link -> link.name().startsWith("turn"));
    }

    @Test
    void the_tunnel_of_an_object_deleted_while_no_agent_ran_is_removed_at_the_next_start() {
        create("orphan", "node1", 1);
        create("kept", "node1", 2);
        agent.awaitInSync("orphan");
        agent.awaitInSync("kept");
        agent.stop();
        agent.delete("orphan");
        int plans = agent.kernel.executed().size();

        agent.start();

        agent.await("orphan removed", () -> agent.link("orphan").isEmpty());
        AgentOfNode1.settle();
        assertThat(agent.link("kept")).isPresent();
        assertThat(agent.kernel.executed()).hasSize(plans + 1);
    }

    @Test
    void an_agent_that_is_closed_leaves_no_thread_that_keeps_the_process_alive() {
        agent.stop();
        Set<Thread> others = threadsOfPools();
        agent.start();
        create("one", "node1", 1);
        agent.awaitInSync("one");

        agent.stop();

        agent.await("only threads of other agents", () -> others.containsAll(threadsOfPools()));
    }

    /** Threads without a name of their own that are no daemons: those of pools of the SDK. */
    private static Set<Thread> threadsOfPools() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> !thread.isDaemon() && thread.getName().startsWith("pool-"))
                .collect(Collectors.toSet());
    }

    @Test
    void a_restart_in_sync_writes_neither_to_the_kernel_nor_to_the_API_server() {
        create("steady", "node1", 1);
        agent.awaitInSync("steady");
        String version = agent.get("steady").getMetadata().getResourceVersion();
        int plans = agent.kernel.executed().size();
        agent.stop();

        agent.start();

        AgentOfNode1.settle();
        assertThat(agent.kernel.executed()).hasSize(plans);
        assertThat(agent.get("steady").getMetadata().getResourceVersion()).isEqualTo(version);
    }

    @Test
    void a_tunnel_that_somebody_removed_is_restored_on_the_kernels_event() {
        create("drift", "node1", 1);
        agent.awaitInSync("drift");
        agent.link("drift").ifPresent(agent.kernel.node()::remove);

        agent.kernel.tell(new KernelEvent.LinkChanged("drift", true));

        agent.await("tunnel is back", () -> agent.link("drift").isPresent());
    }

    @Test
    void without_the_API_server_drift_is_repaired_and_the_status_follows_when_it_returns() {
        create("away", "node1", 1);
        agent.awaitInSync("away");
        for (Request request : Request.values()) {
            agent.api.answer(request, 503, "");
        }

        for (int round = 0; round < 3; round++) {
            agent.link("away").ifPresent(agent.kernel.node()::remove);
            agent.kernel.tell(new KernelEvent.LinkChanged("away", true));
            agent.await("tunnel is back", () -> agent.link("away").isPresent());
        }
        agent.api.mend();

        agent.await("status is of this tunnel", () -> Integer.valueOf(agent.ifindex("away"))
                .equals(agent.get("away").getStatus().ifindex()));
        agent.awaitInSync("away");
    }

    @Test
    void removing_the_CRD_removes_no_tunnel() throws IOException {
        create("stays", "node1", 1);
        agent.awaitInSync("stays");
        agent.stop();
        agent.client
                .apiextensions()
                .v1()
                .customResourceDefinitions()
                .withName("iptunnels.iptunnel.dev")
                .delete();
        agent.await(
                "the API forgot",
                () -> new ObjectLookup(agent.client).presence("stays") instanceof ObjectLookup.Presence.Unknown);

        CompletableFuture<Void> started = CompletableFuture.runAsync(agent::start, Thread::startVirtualThread);

        AgentOfNode1.settle();
        assertThat(started).isNotDone();
        assertThat(agent.link("stays")).isPresent();
        ApiServer.installCrd(agent.client);
        assertThat(started).succeedsWithin(Duration.ofSeconds(30));
        assertThat(agent.link("stays")).isPresent();
    }

    @Test
    void events_report_what_was_done() {
        create("told", "node1", 1);
        agent.awaitInSync("told");
        agent.delete("told");

        agent.awaitEvent("told", "TunnelDeleted");

        assertThat(agent.events("told")).containsExactly("TunnelCreated", "TunnelDeleted");
    }

    private void create(String name, String node, int remote) {
        agent.create(name, IpTunnels.with(AgentOfNode1.ipip(remote), "nodeName: " + node));
    }
}
