package dev.iptunnel.chaos;

import dev.iptunnel.cluster.Cluster;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

/** The nodes with their shells, and what their interfaces of others were like when they were made. */
final class Nodes implements AutoCloseable {
    static final List<String> NAMES = List.of("node1", "node2");
    /** In which the kernel settles addresses and operational states. */
    private static final Duration SETTLING = Duration.ofSeconds(4);

    private final Cluster cluster;
    private final Map<String, NodeShell> shells = new TreeMap<>();
    private final Map<String, Map<String, String>> foreign = new TreeMap<>();

    Nodes(Cluster cluster) {
        this.cluster = cluster;
    }

    static int number(String node) {
        return NAMES.indexOf(node) + 1;
    }

    /** To be called when the node has booted. */
    void setUp(String node) {
        NodeShell shell = NodeShell.open(cluster, node);
        NodeShell before = shells.put(node, shell);
        if (before != null) {
            before.close();
        }
        NodeLayout.setUp(shell, number(node));
        Pause.of(SETTLING);
        foreign.put(node, NodeLayout.foreign(shell.snapshot()));
    }

    /** All at once, by node. */
    Map<String, NodeSnapshot> snapshots() {
        Map<String, CompletableFuture<NodeSnapshot>> asked = new TreeMap<>();
        NAMES.forEach(node -> asked.put(node, CompletableFuture.supplyAsync(shell(node)::snapshot)));
        Map<String, NodeSnapshot> snapshots = new TreeMap<>();
        asked.forEach((node, snapshot) -> snapshots.put(node, snapshot.join()));
        return snapshots;
    }

    NodeShell shell(String node) {
        NodeShell shell = shells.get(node);
        if (shell == null) {
            throw new IllegalStateException("no shell on " + node);
        }
        return shell;
    }

    /** What is not as it was, a line each. */
    List<String> foreignProblems(String node, NodeSnapshot now, Tally tally) {
        Map<String, String> before = foreign.getOrDefault(node, Map.of());
        Map<String, String> after = NodeLayout.foreign(now);
        tally.count("interfaces of others", after.size());
        return after.entrySet().stream()
                .filter(entry -> !(entry.getKey().equals("tunl0") && NodeLayout.hasCni(now)))
                .filter(entry -> !entry.getValue().equals(before.get(entry.getKey())))
                .map(entry -> "of others, " + entry.getKey() + " was " + before.get(entry.getKey()) + " and is "
                        + entry.getValue())
                .toList();
    }

    @Override
    public void close() {
        shells.values().forEach(NodeShell::close);
    }
}
