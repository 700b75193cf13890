package dev.iptunnel.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.iptunnel.api.ApiServer;
import dev.iptunnel.api.IpTunnels;
import dev.iptunnel.api.v1alpha1.IpTunnel;
import dev.iptunnel.api.v1alpha1.IpTunnelSpec;
import dev.iptunnel.kernel.FakeTunnelKernel;
import dev.iptunnel.kernel.KernelEvent;
import dev.iptunnel.tunnel.Mark;
import dev.iptunnel.tunnel.ObservedLink;
import dev.iptunnel.tunnel.SimulatedNode;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The agent against a real API server, over a kernel in memory. */
@Tag("api")
class AgentApiTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final AgentOptions OPTIONS = new AgentOptions(
            "node1", List.of(), new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), Duration.ofHours(1));

    private final KubernetesClient client = connect();
    private final FakeTunnelKernel kernel = new FakeTunnelKernel(SimulatedNode.withEthernet());
    private Optional<Agent> agent = Optional.empty();

    private static KubernetesClient connect() {
        try {
            return ApiServer.connect();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @BeforeEach
    void start() {
        agent = Optional.of(newAgent());
    }

    private Agent newAgent() {
        return new Agent(OPTIONS, client, kernel, new AgentMetrics(), Clock.systemUTC());
    }

    private void stop() {
        agent.ifPresent(Agent::close);
        agent = Optional.empty();
    }

    @AfterEach
    void clean() {
        stop();
        client.resources(IpTunnel.class).delete();
        await(
                "no IpTunnel",
                () -> client.resources(IpTunnel.class).list().getItems().isEmpty());
        client.close();
    }

    @Test
    void an_object_is_programmed_and_its_status_written_once() {
        create("one", "node1", 1);

        awaitInSync("one");

        IpTunnel tunnel = get("one");
        settle();
        assertThat(get("one").getMetadata().getResourceVersion())
                .isEqualTo(tunnel.getMetadata().getResourceVersion());
        assertThat(tunnel.getStatus().ifindex())
                .isEqualTo(link("one").orElseThrow().index());
        assertThat(kernel.executed()).hasSize(1);
    }

    @Test
    void an_object_of_another_node_is_none_of_ours() {
        create("theirs", "node2", 1);
        create("ours", "node1", 1);

        awaitInSync("ours");

        assertThat(link("theirs")).isEmpty();
        assertThat(get("theirs").getStatus().conditions().getFirst().getReason())
                .isEqualTo("Pending");
    }

    @Test
    void the_status_belongs_to_the_agent_under_server_side_apply() {
        create("owned", "node1", 1);

        awaitInSync("owned");

        assertThat(get("owned").getMetadata().getManagedFields())
                .anyMatch(entry -> NodeControllerConfiguration.FIELD_MANAGER.equals(entry.getManager())
                        && "Apply".equals(entry.getOperation())
                        && "status".equals(entry.getSubresource()));
    }

    @Test
    void no_change_of_a_spec_is_lost_while_statuses_are_being_written() {
        create("busy", "node1", 1);
        for (int ttl = 2; ttl <= 60; ttl++) {
            int next = ttl;
            client.resources(IpTunnel.class)
                    .withName("busy")
                    .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"spec\":{\"ttl\":" + next + "}}");
        }

        await("the last TTL is programmed", () -> link("busy")
                .flatMap(ObservedLink::tunnel)
                .filter(parameters -> parameters.ttl() == 60)
                .isPresent());

        awaitInSync("busy");
    }

    @Test
    void a_deleted_object_takes_its_tunnel_with_it() {
        create("gone", "node1", 1);
        awaitInSync("gone");

        client.resources(IpTunnel.class).withName("gone").delete();

        await("tunnel gone", () -> link("gone").isEmpty());
    }

    @Test
    void an_object_deleted_and_made_again_at_once_keeps_a_tunnel_of_its_own() {
        for (int round = 0; round < 20; round++) {
            create("again", "node1", 1);
            client.resources(IpTunnel.class).withName("again").delete();
        }
        create("again", "node1", 1);

        awaitInSync("again");

        settle();
        assertThat(link("again").flatMap(ObservedLink::mark).map(Mark::uid))
                .contains(get("again").getMetadata().getUid());
    }

    @Test
    void an_object_deleted_while_no_agent_ran_takes_its_tunnel_with_it_at_the_next_start() {
        create("orphan", "node1", 1);
        create("kept", "node1", 2);
        awaitInSync("orphan");
        awaitInSync("kept");
        stop();
        client.resources(IpTunnel.class).withName("orphan").delete();
        int plans = kernel.executed().size();

        start();

        await("orphan removed", () -> link("orphan").isEmpty());
        settle();
        assertThat(link("kept")).isPresent();
        assertThat(kernel.executed()).hasSize(plans + 1);
    }

    @Test
    void a_restart_in_sync_writes_neither_to_the_kernel_nor_to_the_api_server() {
        create("steady", "node1", 1);
        awaitInSync("steady");
        String version = get("steady").getMetadata().getResourceVersion();
        int plans = kernel.executed().size();
        stop();

        start();

        settle();
        assertThat(kernel.executed()).hasSize(plans);
        assertThat(get("steady").getMetadata().getResourceVersion()).isEqualTo(version);
    }

    @Test
    void a_tunnel_that_somebody_removed_is_back_on_the_kernels_event() {
        create("drift", "node1", 1);
        awaitInSync("drift");
        link("drift").ifPresent(kernel.node()::remove);

        kernel.tell(new KernelEvent.LinkChanged("drift"));

        await("tunnel is back", () -> link("drift").isPresent());
    }

    @Test
    void a_crd_that_is_removed_takes_no_tunnel_with_it() throws IOException {
        create("stays", "node1", 1);
        awaitInSync("stays");
        stop();
        client.apiextensions()
                .v1()
                .customResourceDefinitions()
                .withName("iptunnels.iptunnel.dev")
                .delete();
        await(
                "the API forgot",
                () -> new ObjectLookup(client).presence("stays") instanceof ObjectLookup.Presence.Unknown);

        assertThatThrownBy(this::newAgent)
                .isInstanceOf(StartRefusedException.class)
                .hasMessageContaining("kubectl apply -k crds");

        assertThat(link("stays")).isPresent();
        ApiServer.installCrd(client);
    }

    @Test
    void events_tell_what_was_done() {
        create("told", "node1", 1);
        awaitInSync("told");
        client.resources(IpTunnel.class).withName("told").delete();

        await("Events", () -> client.events().v1().events().inNamespace("default").list().getItems().stream()
                .filter(event -> "told".equals(event.getRegarding().getName()))
                .map(event -> event.getReason())
                .toList()
                .containsAll(List.of("TunnelCreated", "TunnelDeleted")));
    }

    private void create(String name, String node, int remote) {
        client.resource(IpTunnels.tunnel(name, spec(node, remote, 64))).create();
    }

    private static IpTunnelSpec spec(String node, int remote, int ttl) {
        return IpTunnels.spec(
                """
                nodeName: %1$s
                mode: ipip
                local: 192.0.2.1
                remote: 198.51.100.%2$d
                ttl: %3$d
                addresses: [{address: 10.9.%2$d.1/30}]
                """,
                node, remote, ttl);
    }

    private IpTunnel get(String name) {
        return client.resources(IpTunnel.class).withName(name).require();
    }

    private Optional<ObservedLink> link(String name) {
        return kernel.node().all().filter(link -> link.name().equals(name)).findFirst();
    }

    private void awaitInSync(String name) {
        await(name + " in sync", () -> {
            IpTunnel tunnel = get(name);
            return tunnel.getMetadata()
                            .getGeneration()
                            .equals(tunnel.getStatus().observedGeneration())
                    && tunnel.getStatus().conditions().stream()
                            .anyMatch(condition -> condition.getReason().equals("InSync"));
        });
    }

    /** Long enough for anything that should not happen to have happened. */
    private static void settle() {
        pause(Duration.ofSeconds(1));
    }

    private static void await(String what, BooleanSupplier so) {
        Instant deadline = Instant.now().plus(PATIENCE);
        while (!so.getAsBoolean()) {
            if (Instant.now().isAfter(deadline)) {
                throw new AssertionError("not so after " + PATIENCE.toSeconds() + " s: " + what);
            }
            pause(Duration.ofMillis(20));
        }
    }

    private static void pause(Duration time) {
        try {
            Thread.sleep(time);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }
}
