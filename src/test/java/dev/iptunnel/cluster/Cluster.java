package dev.iptunnel.cluster;

import dev.iptunnel.api.IpTunnels;
import dev.iptunnel.api.v1alpha1.IpTunnel;
import dev.iptunnel.api.v1alpha1.IpTunnelSpec;
import dev.iptunnel.api.v1alpha1.IpTunnelStatus;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.events.v1.Event;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.dsl.Resource;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The cluster of e2e/cluster that the tests run in: its API server, and its nodes' own shells. */
public final class Cluster {
    public static final String NAMESPACE = "iptunnel-system";
    private static final Duration PATIENCE = Duration.ofMinutes(4);
    private static final String COMMAND = System.getenv().getOrDefault("CLUSTER", "e2e/cluster");

    public final KubernetesClient client = new KubernetesClientBuilder().build();

    /** What a command of a node printed; fails with that where the command fails. */
    public String exec(String node, String command) {
        List<String> words = new ArrayList<>(List.of(COMMAND, "exec", node));
        words.addAll(List.of(command.split(" ")));
        return run(words);
    }

    /** As {@link #exec}, in the node's own bash. */
    public void script(String node, String script) {
        run(List.of(COMMAND, "exec", node, "bash", "-ec", script));
    }

    /** What a script printed, in the node's own bash. */
    public String output(String node, String script) {
        return run(List.of(COMMAND, "exec", node, "bash", "-c", script));
    }

    /** e2e/cluster. */
    public String command(String... words) {
        List<String> all = new ArrayList<>(List.of(COMMAND));
        all.addAll(List.of(words));
        return run(all);
    }

    Process start(String node, String command) {
        List<String> words = new ArrayList<>(List.of(COMMAND, "exec", node));
        words.addAll(List.of(command.split(" ")));
        try {
            return new ProcessBuilder(words).redirectErrorStream(true).start();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    static String run(List<String> words) {
        try {
            Process process =
                    new ProcessBuilder(words).redirectErrorStream(true).start();
            String output = output(process);
            if (process.waitFor() != 0) {
                throw new AssertionError(words + ": " + output);
            }
            return output;
        } catch (IOException e) {
            throw new AssertionError(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    public static String output(Process process) {
        try {
            return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** One end of an ipip tunnel between the two nodes, over their own addresses. */
    static IpTunnelSpec ipip(int node, String innerAddress) {
        return IpTunnels.spec(
                """
                nodeName: node%1$d
                mode: ipip
                local: 10.77.0.%1$d
                remote: 10.77.0.%2$d
                addresses: [{address: %3$s}]
                """,
                node, 3 - node, innerAddress);
    }

    void create(String name, IpTunnelSpec spec) {
        client.resource(IpTunnels.tunnel(name, spec)).create();
    }

    void change(String name, String fields) {
        IpTunnels.edit(tunnel(name), fields);
    }

    Resource<IpTunnel> tunnel(String name) {
        return client.resources(IpTunnel.class).withName(name);
    }

    IpTunnelStatus status(String name) {
        return Optional.ofNullable(tunnel(name).get())
                .map(IpTunnel::getStatus)
                .orElseThrow(() -> new AssertionError("no IpTunnel " + name + " with a status"));
    }

    int awaitReady(String name) {
        await(name + " Ready", () -> has(name, "Ready", "True", null));
        return Optional.ofNullable(status(name).ifindex()).orElseThrow();
    }

    void awaitCondition(String name, String type, String status, String reason) {
        await(name + " " + type + "=" + status + " " + reason, () -> has(name, type, status, reason));
    }

    private boolean has(String name, String type, String status, @Nullable String reason) {
        IpTunnel tunnel = tunnel(name).get();
        return tunnel != null
                && tunnel.getStatus() != null
                && tunnel.getMetadata()
                        .getGeneration()
                        .equals(tunnel.getStatus().observedGeneration())
                && tunnel.getStatus().conditions().stream()
                        .anyMatch(condition -> isSo(condition, type, status, reason));
    }

    private static boolean isSo(Condition condition, String type, String status, @Nullable String reason) {
        return condition.getType().equals(type)
                && condition.getStatus().equals(status)
                && (reason == null || condition.getReason().equals(reason));
    }

    void await(String what, Supplier<Boolean> so) {
        Instant deadline = Instant.now().plus(PATIENCE);
        while (!so.get()) {
            if (Instant.now().isAfter(deadline)) {
                throw new AssertionError("not so after " + PATIENCE.toSeconds() + " s: " + what + "\n"
                        + command("kubectl", "get", "iptunnels", "-o", "wide"));
            }
            try {
                Thread.sleep(100);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new AssertionError(e);
            }
        }
    }

    boolean holds(String node, String interfaceName) {
        return exec(node, "ip -br link show")
                .lines()
                .anyMatch(line -> line.startsWith(interfaceName + "@") || line.startsWith(interfaceName + " "));
    }

    int ifindex(String node, String interfaceName) {
        return Integer.parseInt(
                exec(node, "cat /sys/class/net/" + interfaceName + "/ifindex").strip());
    }

    List<String> eventReasons(String name) {
        return client.events().v1().events().inNamespace("default").list().getItems().stream()
                .filter(event -> name.equals(event.getRegarding().getName()))
                .map(Event::getReason)
                .toList();
    }

    /** Until {@link #startAgents}; the nodes keep their tunnels. */
    void stopAgents() {
        scheduleAgents("none");
        await(
                "no agent",
                () -> client.pods().inNamespace(NAMESPACE).list().getItems().isEmpty());
    }

    void startAgents() {
        scheduleAgents("linux");
        awaitAgents(DeployedOperator.NODES.size());
    }

    private void scheduleAgents(String os) {
        command(
                "kubectl",
                "-n",
                NAMESPACE,
                "patch",
                "daemonset",
                "iptunnel-agent",
                "-p",
                "{\"spec\":{\"template\":{\"spec\":{\"nodeSelector\":{\"kubernetes.io/os\":\"" + os + "\"}}}}}");
    }

    /** The pods of the agents, or of the controller. */
    List<Pod> pods(String component) {
        return client.pods()
                .inNamespace(NAMESPACE)
                .withLabel("app.kubernetes.io/component", component)
                .list()
                .getItems();
    }

    public void awaitAgents(int count) {
        await(
                count + " agents ready",
                () -> pods("agent").stream()
                                .filter(pod -> pod.getMetadata().getDeletionTimestamp() == null)
                                .filter(pod -> pod.getStatus().getConditions().stream()
                                        .anyMatch(
                                                condition -> condition.getType().equals("Ready")
                                                        && condition.getStatus().equals("True")))
                                .count()
                        == count);
    }

    /** The value of a counter of a node's agent; 0 where it has none. */
    double counter(String node, String name) {
        return metrics(node)
                .lines()
                .filter(line -> line.startsWith(name + "{") || line.startsWith(name + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    /** What a node's agent answers on {@code /metrics}, with the head of the answer. */
    String metrics(String node) {
        return run(List.of(
                COMMAND,
                "exec",
                node,
                "bash",
                "-c",
                "exec 3<>/dev/tcp/127.0.0.1/9811; printf 'GET /metrics HTTP/1.0\\r\\n\\r\\n' >&3; cat <&3"));
    }
}
