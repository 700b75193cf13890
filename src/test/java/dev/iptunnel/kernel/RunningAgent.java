package dev.iptunnel.kernel;

import dev.iptunnel.agent.Agent;
import dev.iptunnel.agent.AgentOptions;
import dev.iptunnel.agent.health.AgentMetrics;
import dev.iptunnel.api.DeployedManifests;
import dev.iptunnel.api.IpTunnels;
import dev.iptunnel.api.v1alpha1.IpTunnel;
import dev.iptunnel.api.v1alpha1.IpTunnelSpec;
import dev.iptunnel.kernel.linux.LinuxTunnelKernel;
import dev.iptunnel.schedule.Clocks;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.events.v1.Event;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Resource;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * The agent over this kernel, for a real API server, with the rights and under the policies of {@code deploy/base}. It
 * acts on events alone.
 */
final class RunningAgent implements AfterAllCallback {
    static final String NODE = "node1";
    private static final int PATIENCE_SECONDS = 90;

    private final DeployedManifests deployed = deploy();
    private final KubernetesClient client = deployed.agentOn(NODE);
    private final LinuxTunnelKernel kernel =
            LinuxTunnelKernel.open(List.of(TunnelNode.API_SERVER), List.of(), LinuxTunnelKernel.SYSCTLS, (_, _) -> {});
    private final Agent agent = Agent.start(
            new AgentOptions(
                    NODE, List.of(), new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), Duration.ofHours(1)),
            client,
            kernel,
            new AgentMetrics(),
            Clocks.system());

    private static DeployedManifests deploy() {
        try {
            return DeployedManifests.of("deploy/base");
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** Returns when the object is Programmed. */
    void create(String name, IpTunnelSpec spec) {
        deployed.admin().resource(IpTunnels.tunnel(name, spec)).create();
        object(name).waitUntilCondition(RunningAgent::isProgrammed, PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    private static boolean isProgrammed(@Nullable IpTunnel tunnel) {
        return tunnel != null
                && tunnel.getStatus() != null
                && tunnel.getStatus().conditions().stream()
                        .anyMatch(condition -> condition.getType().equals("Programmed")
                                && condition.getStatus().equals("True"));
    }

    /** The message of its condition Ready; empty text where there is none. */
    String ready(String name) {
        return object(name).get().getStatus().conditions().stream()
                .filter(condition -> condition.getType().equals("Ready"))
                .map(Condition::getMessage)
                .findFirst()
                .orElse("");
    }

    /** Returns when the object is gone. */
    void delete(String name) {
        object(name).delete();
        object(name).waitUntilCondition(Objects::isNull, PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    /** The notes of the Events with this reason, of all objects. */
    List<String> events(String reason) {
        return deployed.admin().events().v1().events().inNamespace("default").list().getItems().stream()
                .filter(event -> event.getReason().equals(reason))
                .map(Event::getNote)
                .toList();
    }

    private Resource<IpTunnel> object(String name) {
        return deployed.admin().resources(IpTunnel.class).withName(name);
    }

    @Override
    public void afterAll(ExtensionContext context) {
        agent.close();
        kernel.close();
        client.close();
        deployed.close();
    }
}
