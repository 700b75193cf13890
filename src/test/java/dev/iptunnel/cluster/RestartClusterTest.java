package dev.iptunnel.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.api.IpTunnels;
import dev.iptunnel.api.v1alpha1.IpTunnel;
import dev.iptunnel.api.v1alpha1.IpTunnelSpec;
import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** An agent that goes, whenever that is, costs nothing but the time until the next one is there. */
@Tag("cluster")
@ExtendWith(DeployedOperator.class)
class RestartClusterTest {
    private static final int MANY = 60;
    private static final Cluster cluster = new Cluster();

    private static IpTunnelSpec onNode(int node, String interfaceName) {
        return IpTunnels.with(Cluster.ipip(node, "192.168.60." + node + "/30"), "interfaceName: " + interfaceName);
    }

    private static Map<String, String> resourceVersions() {
        return cluster.client.resources(IpTunnel.class).list().getItems().stream()
                .collect(Collectors.toMap(tunnel -> tunnel.getMetadata().getName(), tunnel -> tunnel.getMetadata()
                        .getResourceVersion()));
    }

    @ParameterizedTest
    @CsvSource({
        "Error, kill -KILL $agent",
        "OOMKilled, echo 20M >/sys/fs/cgroup$(cut -d: -f3 /proc/$agent/cgroup)/memory.max",
    })
    void an_agent_that_is_killed_costs_no_packet_and_its_successor_rewrites_nothing(String reason, String kill) {
        cluster.create("steady1", onNode(1, "steady1"));
        cluster.create("steady2", onNode(2, "steady2"));
        int ifindex = cluster.awaitReady("steady1");
        cluster.awaitReady("steady2");
        Map<String, String> written = resourceVersions();
        int restarts = agent("node1").getRestartCount();
        Ping ping = Ping.start(cluster, "node1", "192.168.60.2", 400);

        cluster.script("node1", "agent=$(pgrep -o -f dev.iptunnel.cli.Main); " + kill);

        cluster.await("a new agent on node1", () -> agent("node1").getRestartCount() > restarts);
        cluster.awaitAgents(2);
        ping.assertNoneLost();
        assertThat(agent("node1").getLastState().getTerminated().getReason()).isEqualTo(reason);
        assertThat(cluster.ifindex("node1", "steady1")).isEqualTo(ifindex);
        assertThat(cluster.counter("node1", "iptunnel_kernel_operations_total")).isZero();
        assertThat(resourceVersions()).isEqualTo(written);
    }

    @Test
    void a_roll_out_costs_no_packet_and_writes_nothing() {
        cluster.create("rolled1", onNode(1, "rolled1"));
        cluster.create("rolled2", onNode(2, "rolled2"));
        List<Integer> ifindexes = List.of(cluster.awaitReady("rolled1"), cluster.awaitReady("rolled2"));
        Map<String, String> written = resourceVersions();
        Ping ping = Ping.start(cluster, "node1", "192.168.60.2", 800);

        cluster.command("kubectl", "-n", Cluster.NAMESPACE, "rollout", "restart", "daemonset/iptunnel-agent");
        cluster.command(
                "kubectl", "-n", Cluster.NAMESPACE, "rollout", "status", "daemonset/iptunnel-agent", "--timeout=300s");

        ping.assertNoneLost();
        assertThat(List.of(cluster.ifindex("node1", "rolled1"), cluster.ifindex("node2", "rolled2")))
                .isEqualTo(ifindexes);
        assertThat(DeployedOperator.NODES)
                .allSatisfy(node -> assertThat(cluster.counter(node, "iptunnel_kernel_operations_total"))
                        .isZero());
        assertThat(resourceVersions()).isEqualTo(written);
    }

    @Test
    void an_agent_that_is_stopped_in_the_middle_of_work_ends_in_time_and_its_successor_goes_on() {
        int restarts = agent("node1").getRestartCount();
        IntStream.range(0, MANY)
                .forEach(i -> cluster.create(
                        "many" + i,
                        IpTunnels.with(
                                Cluster.ipip(1, "192.168.80." + (4 * i + 1) + "/30"),
                                "interfaceName: many" + i + "\nremote: 10.77.9." + (i + 1))));
        cluster.await("the first one", () -> marked("node1") > 0);

        Instant stopped = Instant.now();
        cluster.exec("node1", "pkill -TERM -f dev.iptunnel.cli.Main");
        int madeMeanwhile = marked("node1");

        cluster.await("a new agent on node1", () -> agent("node1").getRestartCount() > restarts);
        ContainerStateTerminated end = agent("node1").getLastState().getTerminated();
        assertThat(Duration.between(stopped, Instant.parse(end.getFinishedAt())))
                .isLessThan(Duration.ofSeconds(15));
        IntStream.range(0, MANY).forEach(i -> cluster.awaitReady("many" + i));
        assertThat(marked("node1")).isEqualTo(MANY);
        System.out.println(madeMeanwhile + " of " + MANY + " tunnels were made when the agent was told to stop");
    }

    private static int marked(String node) {
        return (int) cluster.output(node, "ip -o link show")
                .lines()
                .filter(line -> line.contains("iptunnel.dev/v1"))
                .count();
    }

    private static ContainerStatus agent(String node) {
        return cluster.client.pods().inNamespace(Cluster.NAMESPACE).list().getItems().stream()
                .filter(pod -> node.equals(pod.getSpec().getNodeName()))
                .flatMap(pod -> Optional.ofNullable(pod.getStatus().getContainerStatuses()).stream()
                        .flatMap(List::stream))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no agent on " + node));
    }
}
