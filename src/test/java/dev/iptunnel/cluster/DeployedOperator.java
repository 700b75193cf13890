package dev.iptunnel.cluster;

import dev.iptunnel.api.v1alpha1.IpTunnel;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** The operator of this checkout on both nodes, deployed once for all classes; after each test all IpTunnels go. */
final class DeployedOperator implements BeforeAllCallback, AfterEachCallback {
    static final List<String> NODES = List.of("node1", "node2");
    private static final AtomicBoolean deployed = new AtomicBoolean();

    private final Cluster cluster = new Cluster();

    @Override
    public void beforeAll(ExtensionContext context) {
        if (!deployed.getAndSet(true)) {
            apply(cluster);
        }
        cluster.awaitAgents(NODES.size());
    }

    static void apply(Cluster cluster) {
        cluster.command("kubectl", "apply", "-k", "crds");
        cluster.command("kubectl", "apply", "-k", "deploy/base");
    }

    @Override
    public void afterEach(ExtensionContext context) {
        deleteTunnels(cluster);
    }

    static void deleteTunnels(Cluster cluster) {
        cluster.client.resources(IpTunnel.class).delete();
        for (String node : NODES) {
            cluster.await("no tunnel of ours on " + node, () -> !cluster.exec(node, "ip link show")
                    .contains("iptunnel.dev/"));
        }
    }
}
