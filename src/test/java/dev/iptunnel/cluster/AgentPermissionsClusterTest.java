package dev.iptunnel.cluster;

import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.api.AuditLog;
import dev.iptunnel.api.Right;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.rbac.ClusterRole;
import io.fabric8.kubernetes.api.model.rbac.Role;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What the agents asked of the API server in all other tests of the cluster, compared with what they may ask. */
@Tag("cluster")
@Order(Integer.MAX_VALUE)
@ExtendWith(DeployedOperator.class)
class AgentPermissionsClusterTest {
    private static final String PART_OF = "app.kubernetes.io/part-of";

    private final Cluster cluster = new Cluster();

    /** {@code iptunnel map} in the agent's pod asks for Nodes, and does without them; the agent itself does not ask. */
    private static final String OF_MAP = "nodes";

    @Test
    void the_agents_used_every_right_that_they_have_and_asked_for_no_other() throws IOException {
        Set<Right> granted =
                Right.grantedBy(Stream.of(labelled(ClusterRole.class), labelled(Role.class), ofSecureMetrics())
                        .flatMap(roles -> roles)
                        .toList());

        Set<Right> used = AuditLog.whole()
                .usedBy(cluster.client
                        .serviceAccounts()
                        .inNamespace(Cluster.NAMESPACE)
                        .withName("iptunnel-agent")
                        .require())
                .stream()
                .filter(right -> !right.resource().equals(OF_MAP))
                .collect(toSet());

        assertThat(granted).isNotEmpty();
        assertThat(Right.uncovered(used, granted))
                .as("asked for, and not granted")
                .isEmpty();
        assertThat(Right.unused(granted, used)).as("granted, and not used").isEmpty();
    }

    /** Granted while {@link PrometheusClusterTest} has the component deployed. */
    private Stream<HasMetadata> ofSecureMetrics() throws IOException {
        try (InputStream rbac = Files.newInputStream(Path.of("deploy/components/secure-metrics/rbac.yaml"))) {
            return cluster.client.load(rbac).items().stream()
                    .filter(role -> role.getMetadata().getName().equals("iptunnel-agent-reviews"));
        }
    }

    private <T extends HasMetadata> Stream<HasMetadata> labelled(Class<T> kind) {
        List<T> found = cluster.client
                .resources(kind)
                .inAnyNamespace()
                .withLabel(PART_OF, "iptunnel")
                .list()
                .getItems();
        return found.stream().map(HasMetadata.class::cast);
    }
}
