package dev.iptunnel.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.iptunnel.api.IpTunnels;
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
    void a_tunnel_of_the_node_is_diagnosed_beside_what_its_IpTunnel_asks_for() throws Exception {
        cluster.create("healthy1", Cluster.ipip(1, "192.168.62.1/30"));
        cluster.create("broken1", IpTunnels.with(Cluster.ipip(1, "192.168.63.1/30"), "parent: absent0"));
        cluster.awaitCondition("healthy1", "Ready", "True", "TunnelUp");
        cluster.awaitCondition("broken1", "Ready", "False", "ParentNotFound");

        Answer all = withObjects("iptunnel", "diagnose", "--watch-counters", "0s");
        Answer one = withObjects("iptunnel", "diagnose", "broken1", "-o", "json", "--watch-counters", "0s");

        assertThat(all.exit()).as(all.out()).isEqualTo(5);
        assertThat(all.out().lines())
                .anyMatch(line -> line.matches("ok +healthy1 +nothing failed"))
                .anyMatch(line -> line.matches("FAIL +broken1 .*"));
        JsonNode broken = json(one);
        assertThat(broken.at("/tunnels/0/result").asText()).isEqualTo("FAIL");
        assertThat(broken.at("/tunnels/0/rootCause/reason").asText()).isEqualTo("ParentNotFound");
    }

    /** Before the last line, in which kubectl says the exit code. */
    private static JsonNode json(Answer failed) throws IOException {
        return JSON.readTree(failed.out().substring(0, failed.out().lastIndexOf('}') + 1));
    }

    /** The agent may list IpTunnels and not Nodes, so the map knows nodes by their tunnels. */
    @Test
    void the_tunnels_of_all_nodes_are_drawn() throws Exception {
        cluster.create("drawn1", Cluster.ipip(1, "192.168.64.1/30"));
        cluster.create("drawn2", Cluster.ipip(2, "192.168.64.2/30"));
        cluster.awaitReady("drawn1");
        cluster.awaitReady("drawn2");

        Answer chart = exec("iptunnel", "map", "-o", "mermaid");
        Answer picture = exec("iptunnel", "map");

        assertThat(chart.out())
                .startsWith("flowchart LR\n%% 2 IpTunnels on 2 nodes, drawn as 1 line\n")
                .contains("drawn1: ready")
                .contains("drawn2: ready");
        assertThat(chart.exit()).isZero();
        assertThat(picture.out()).contains("<svg").contains("drawn1");
        assertThat(picture.exit()).isZero();
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
