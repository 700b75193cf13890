package dev.iptunnel.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.Pod;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The command {@code iptunnel} in the agent's pod, which has no shell, by {@code kubectl exec}. */
@Tag("cluster")
@ExtendWith(DeployedOperator.class)
class ExecClusterTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Cluster cluster = new Cluster();

    /** What a command in the pod of a node answered, on both streams. */
    private record Answer(int exit, String out) {}

    @Test
    void the_tunnels_of_the_node_are_shown_beside_what_its_IpTunnels_ask_for() throws Exception {
        cluster.create("shown1", Cluster.ipip(1, "192.168.61.1/30"));
        cluster.awaitCondition("shown1", "Ready", "True", "TunnelUp");

        Answer table = withObjects("iptunnel", "get");
        Answer json = withObjects("iptunnel", "get", "shown1", "-o", "json");

        assertThat(table.out()).contains("IpTunnel/shown1").contains("SYNC").contains("InSync");
        assertThat(table.exit()).isZero();
        JsonNode shown = JSON.readTree(json.out()).get(0);
        JsonNode link = JSON.readTree(cluster.exec("node1", "ip -d -j link show dev shown1"))
                .get(0);
        assertThat(shown.get("ifindex")).isEqualTo(link.get("ifindex"));
        assertThat(shown.get("mtu")).isEqualTo(link.get("mtu"));
        assertThat(shown.get("local")).isEqualTo(link.at("/linkinfo/info_data/local"));
        assertThat(shown.get("remote")).isEqualTo(link.at("/linkinfo/info_data/remote"));
        assertThat(shown.at("/sync/state").asText()).isEqualTo("InSync");
        assertThat(shown.at("/owner/kind").asText()).isEqualTo("IpTunnel");
    }

    @Test
    void nothing_is_changed_while_the_agent_writes_and_it_is_named() throws Exception {
        Answer deleted = exec("iptunnel", "delete", "whatever");

        assertThat(deleted.exit()).isEqualTo(4);
        assertThat(deleted.out()).contains("which says \"the agent of node node1\"");
    }

    @Test
    void a_misspelt_command_is_answered_with_the_nearest() throws Exception {
        Answer answer = exec("iptunnel", "gett");

        assertThat(answer.exit()).isEqualTo(64);
        assertThat(answer.out()).contains("Did you mean: iptunnel get");
    }

    /** An API server that is busy does not answer in the time that a person waits: then the command shows the kernel alone. */
    private Answer withObjects(String... command) throws IOException, InterruptedException {
        Answer answer = exec(command);
        for (int more = 0; more < 5 && answer.out().contains("without what the IpTunnels ask for"); more++) {
            answer = exec(command);
        }
        return answer;
    }

    private Answer exec(String... command) throws IOException, InterruptedException {
        Pod pod = cluster.client.pods().inNamespace(Cluster.NAMESPACE).list().getItems().stream()
                .filter(agent -> "node1".equals(agent.getSpec().getNodeName()))
                .findFirst()
                .orElseThrow();
        List<String> words = new ArrayList<>(List.of(
                "kubectl", "exec", "-n", Cluster.NAMESPACE, pod.getMetadata().getName(), "--"));
        words.addAll(List.of(command));
        Process process = new ProcessBuilder(words).redirectErrorStream(true).start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Answer(process.waitFor(), out);
    }
}
