package dev.iptunnel.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.api.v1alpha1.IpTunnel;
import dev.iptunnel.api.v1alpha1.IpTunnelSpec;
import dev.iptunnel.api.v1alpha1.set.IpTunnelSet;
import dev.iptunnel.api.v1alpha1.set.IpTunnelSetStatus;
import dev.iptunnel.set.SetNames;
import io.fabric8.kubernetes.api.model.Condition;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** The IpTunnelSet {@code backbone} on the nodes of a cluster. */
record Backbone(Cluster cluster) {
    private static final String SET = "iptunnelset/backbone";

    void apply(String file) {
        cluster.command("kubectl", "apply", "-f", "src/test/resources/dev/iptunnel/cluster/" + file);
    }

    /** Merges this JSON into the spec. */
    void change(String spec) {
        cluster.command("kubectl", "patch", SET, "--type=merge", "-p", "{\"spec\":" + spec + "}");
    }

    void awaitReady(int tunnels) {
        cluster.await(tunnels + " tunnels", () -> tunnels().size() == tunnels);
        awaitCondition("Ready", "True", "AllTunnelsReady");
    }

    /** Waits until the controller says so of the present spec. */
    void awaitCondition(String type, String status, String reason) {
        cluster.await("backbone " + type + "=" + status + " " + reason, () -> {
            IpTunnelSet set = set();
            return set.getMetadata().getGeneration().equals(status().observedGeneration())
                    && status().conditions().stream()
                            .anyMatch(condition -> condition.getType().equals(type)
                                    && condition.getStatus().equals(status)
                                    && condition.getReason().equals(reason));
        });
    }

    private IpTunnelSet set() {
        return cluster.client.resources(IpTunnelSet.class).withName("backbone").require();
    }

    IpTunnelSetStatus status() {
        return Objects.requireNonNull(set().getStatus());
    }

    /** What the status says of the node that failed. */
    String failure() {
        return String.valueOf(Objects.requireNonNull(status().rollout()).failedMessage());
    }

    String print() {
        return cluster.command("kubectl", "get", SET);
    }

    /** As {@code kubectl delete --cascade} does. */
    void delete(String cascade) {
        cluster.command("kubectl", "delete", SET, "--cascade=" + cascade);
    }

    /** Whether the inner addresses of the set are stored. */
    boolean isStored() {
        return cluster.client
                        .configMaps()
                        .inNamespace(Cluster.NAMESPACE)
                        .withName("iptunnelset-backbone-addresses")
                        .get()
                != null;
    }

    List<IpTunnel> tunnels() {
        return cluster.client
                .resources(IpTunnel.class)
                .withLabel(SetNames.SET)
                .list()
                .getItems();
    }

    static Predicate<IpTunnel> isOf(String node) {
        return tunnel -> tunnel.getSpec().nodeName().equals(node);
    }

    List<String> uids() {
        return tunnels().stream()
                .map(tunnel -> tunnel.getMetadata().getUid())
                .sorted()
                .toList();
    }

    /** The condition Ready of each tunnel of a node. */
    List<Condition> ready(String node) {
        return tunnels().stream()
                .filter(isOf(node))
                .flatMap(tunnel -> tunnel.getStatus().conditions().stream())
                .filter(condition -> condition.getType().equals("Ready"))
                .toList();
    }

    boolean isUnknown(String node) {
        return ready(node).stream().allMatch(condition -> condition.getStatus().equals("Unknown"));
    }

    /** The inner address of each node. */
    Map<String, String> inner() {
        return tunnels().stream()
                .collect(Collectors.toMap(
                        tunnel -> tunnel.getSpec().nodeName(), tunnel -> address(tunnel.getSpec()), (one, other) -> {
                            assertThat(one).isEqualTo(other);
                            return one;
                        }));
    }

    String inner(String node) {
        return inner().getOrDefault(node, "");
    }

    private static String address(IpTunnelSpec spec) {
        String address = spec.addresses().getFirst().address();
        return address.substring(0, address.indexOf('/'));
    }

    /** Each node of these reaches each other one by its inner address. */
    void assertAllAnswer(List<String> nodes) {
        Map<String, String> inner = inner();
        for (String node : nodes) {
            for (String peer : nodes) {
                if (!peer.equals(node)) {
                    Ping.assertAnswers(cluster, node, inner.getOrDefault(peer, ""));
                }
            }
        }
    }

    /** A ping to the inner address of a peer, until it is stopped. */
    Ping ping(String node, String peer) {
        return Ping.startEndless(cluster, node, inner(peer));
    }
}
