package dev.iptunnel.cluster;

import dev.iptunnel.api.v1alpha1.set.IpTunnelSet;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * The agents and the controller of this checkout on three nodes, deployed once for all classes; after each test all IpTunnelSets
 * go. The controller runs on node1, so that a test which takes a node away takes another one.
 */
final class DeployedFleet implements BeforeAllCallback, AfterEachCallback {
    static final List<String> NODES = List.of("node1", "node2", "node3");
    private static final AtomicBoolean deployed = new AtomicBoolean();

    private final Cluster cluster = new Cluster();

    @Override
    public void beforeAll(ExtensionContext context) {
        if (!deployed.getAndSet(true)) {
            DeployedOperator.apply(cluster);
            cluster.command("kubectl", "apply", "-k", "deploy/controller");
            cluster.command(
                    "kubectl",
                    "-n",
                    Cluster.NAMESPACE,
                    "patch",
                    "deployment",
                    "iptunnel-controller",
                    "-p",
                    "{\"spec\":{\"template\":{\"spec\":{\"nodeSelector\":{\"kubernetes.io/hostname\":\"node1\"}}}}}");
            awaitController(cluster);
        }
        cluster.awaitAgents(NODES.size());
    }

    static void awaitController(Cluster cluster) {
        cluster.command(
                "kubectl",
                "-n",
                Cluster.NAMESPACE,
                "rollout",
                "status",
                "deployment/iptunnel-controller",
                "--timeout=180s");
    }

    @Override
    public void afterEach(ExtensionContext context) {
        cluster.client.resources(IpTunnelSet.class).delete();
        for (String node : NODES) {
            // Those of a test that failed.
            cluster.script(node, "pkill -x ping || true");
            cluster.await("no tunnel of ours on " + node, () -> !cluster.exec(node, "ip link show")
                    .contains("iptunnel.dev/"));
        }
    }
}
