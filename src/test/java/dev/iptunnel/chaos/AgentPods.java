package dev.iptunnel.chaos;

import dev.iptunnel.cluster.Cluster;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.readiness.Readiness;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** The agents' pods, and whether their containers were started again more often than faults explain. */
final class AgentPods {
    private final Cluster cluster;
    /** By pod. */
    private final Map<String, Integer> seen = new HashMap<>();
    /** By node. */
    private final Map<String, Integer> explained = new HashMap<>();

    AgentPods(Cluster cluster) {
        this.cluster = cluster;
    }

    private static List<Pod> of(Cluster cluster, String node) {
        return cluster.client.pods().inNamespace(Cluster.NAMESPACE).list().getItems().stream()
                .filter(pod -> node.equals(pod.getSpec().getNodeName()))
                .toList();
    }

    static void delete(Cluster cluster, String node) {
        of(cluster, node).forEach(pod -> cluster.client.resource(pod).delete());
    }

    /** What the agent said of late. */
    static String log(Cluster cluster, String node, Duration since) {
        return of(cluster, node).stream()
                .map(pod -> cluster.client
                        .pods()
                        .resource(pod)
                        .sinceSeconds((int) since.toSeconds())
                        .getLog())
                .collect(Collectors.joining());
    }

    static boolean areReady(Cluster cluster) {
        return Nodes.NAMES.stream().allMatch(node -> of(cluster, node).stream().anyMatch(Readiness::isPodReady));
    }

    void explain(Fault fault) {
        explained.merge(fault.node(), fault.kind().restarts(), Integer::sum);
    }

    /** What nothing explains, a line each. */
    List<String> problems(String node, Tally tally) {
        int restarts = 0;
        for (Pod pod : of(cluster, node)) {
            int now = restarts(pod);
            Integer before = seen.put(pod.getMetadata().getUid(), now);
            restarts += now - (before == null ? 0 : before);
            tally.count("agents' pods");
        }
        Integer allowed = explained.put(node, 0);
        return restarts <= (allowed == null ? 0 : allowed)
                ? List.of()
                : List.of("the agent of " + node + " was started again " + restarts + " times, and faults explain "
                        + allowed);
    }

    private static int restarts(Pod pod) {
        return pod.getStatus().getContainerStatuses().stream()
                .mapToInt(ContainerStatus::getRestartCount)
                .sum();
    }
}
