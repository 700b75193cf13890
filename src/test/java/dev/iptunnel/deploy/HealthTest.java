package dev.iptunnel.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.agent.Agent;
import dev.iptunnel.agent.AgentOptions;
import dev.iptunnel.agent.health.AgentMetrics;
import dev.iptunnel.api.ApiServer;
import dev.iptunnel.api.IpTunnels;
import dev.iptunnel.api.Program;
import dev.iptunnel.api.v1alpha1.IpTunnel;
import dev.iptunnel.kernel.FakeTunnelKernel;
import dev.iptunnel.planner.SimulatedNode;
import dev.iptunnel.schedule.Clocks;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What kstatus (Flux, {@code kubectl} plug-ins) and Argo CD make of the statuses that the agent writes. */
@Tag("api")
class HealthTest {
    private static final String NODE = "health1";
    private static final AgentOptions OPTIONS = new AgentOptions(
            NODE, List.of(), new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), Duration.ofHours(1));

    private final KubernetesClient client = connect();
    private final FakeTunnelKernel kernel = new FakeTunnelKernel(SimulatedNode.withEthernet());
    private Agent agent = newAgent();

    private static KubernetesClient connect() {
        try {
            return ApiServer.connect();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private Agent newAgent() {
        return Agent.start(OPTIONS, client, kernel, new AgentMetrics(), Clocks.system());
    }

    @BeforeEach
    void put_an_interface_of_somebody_else_s_on_the_node() {
        kernel.node().put(SimulatedNode.ethernet(9, "theirs", 1500));
    }

    @AfterEach
    void delete() {
        agent.close();
        client.resources(IpTunnel.class).delete();
        client.close();
    }

    @Test
    void a_tunnel_that_is_up_is_done() {
        create("up", NODE, "");

        assertHealth(
                awaitStatus("up", reason("Ready", "TunnelUp")), "Current", "Healthy TunnelUp: the node does its part");
    }

    @Test
    void a_tunnel_that_is_to_be_down_and_is_down_is_done() {
        create("down", NODE, "adminState: Down");

        assertHealth(
                awaitStatus("down", reason("Ready", "AdministrativelyDown")),
                "Current",
                "Healthy AdministrativelyDown: the interface is down, as spec.adminState asks");
    }

    @Test
    void a_tunnel_that_no_agent_has_seen_is_waited_for() {
        create("new", "health2", "");

        assertHealth(
                awaitStatus("new", reason("Ready", "Pending")),
                "InProgress",
                "Progressing Pending: waiting for the agent");
    }

    @Test
    void a_tunnel_whose_parent_is_not_there_yet_is_waited_for() {
        create("early", NODE, "parent: ppp0");

        assertHealth(
                awaitStatus("early", reason("Ready", "ParentNotFound")), "InProgress", "Progressing ParentNotFound: ");
    }

    @Test
    void a_spec_that_the_agent_has_not_seen_is_waited_for() {
        create("edited", NODE, "");
        awaitStatus("edited", reason("Ready", "TunnelUp"));
        agent.close();

        IpTunnel edited = IpTunnels.edit(client.resources(IpTunnel.class).withName("edited"), "ttl: 17");

        assertHealth(edited, "InProgress", "Progressing the agent on node health1 has not seen this spec yet");
    }

    @Test
    void a_tunnel_that_somebody_has_to_act_for_has_failed() {
        create("theirs", NODE, "");

        assertHealth(
                awaitStatus("theirs", reason("Stalled", "InterfaceNameConflict")),
                "Failed",
                "Degraded InterfaceNameConflict: ");
    }

    @Test
    void a_tunnel_that_is_up_and_paused_is_done_for_kstatus_which_knows_no_pause() {
        create("paused", NODE, "");
        awaitStatus("paused", reason("Ready", "TunnelUp"));
        IpTunnels.edit(client.resources(IpTunnel.class).withName("paused"), "paused: true");

        assertHealth(
                awaitStatus("paused", reason("Paused", "Paused")),
                "Current",
                "Suspended Paused: the agent changes nothing, as spec.paused asks");
    }

    @Test
    void a_tunnel_that_was_paused_before_it_was_made_is_waited_for_by_kstatus() {
        create("early", NODE, "paused: true");

        assertHealth(
                awaitStatus("early", reason("Paused", "Paused")),
                "InProgress",
                "Suspended Paused: the agent changes nothing, as spec.paused asks");
    }

    private static void assertHealth(IpTunnel tunnel, String kstatus, String argocd) {
        assertThat(Program.runWith(Serialization.asYaml(tunnel), "kstatus").requireOutput())
                .startsWith(kstatus + " ");
        assertThat(ArgoCdHealth.of(tunnel)).startsWith(argocd);
    }

    private void create(String name, String node, String more) {
        client.resource(IpTunnels.tunnel(
                        name,
                        IpTunnels.spec(
                                """
                                nodeName: %s
                                mode: ipip
                                local: 192.0.2.1
                                remote: 192.0.2.2
                                %s
                                """,
                                node, more)))
                .create();
    }

    private IpTunnel awaitStatus(String name, Predicate<IpTunnel> so) {
        return client.resources(IpTunnel.class).withName(name).waitUntilCondition(so, 90, TimeUnit.SECONDS);
    }

    private static Predicate<IpTunnel> reason(String type, String reason) {
        return tunnel -> tunnel != null
                && tunnel.getStatus() != null
                && tunnel.getStatus().conditions().stream()
                        .anyMatch(condition -> condition.getType().equals(type)
                                && condition.getReason().equals(reason));
    }
}
