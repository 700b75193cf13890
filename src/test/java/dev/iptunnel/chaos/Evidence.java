package dev.iptunnel.chaos;

import dev.iptunnel.cluster.Cluster;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** What is kept of a run that failed. */
final class Evidence {
    private final Cluster cluster;
    private final History history;
    /** The cluster's own folder. */
    private final Path state;

    Evidence(Cluster cluster, History history, Path state) {
        this.cluster = cluster;
        this.history = history;
        this.state = state;
    }

    void keep() {
        keep("objects.yaml", () -> cluster.command("kubectl", "get", "iptunnels", "-o", "yaml"));
        keep("pods.yaml", () -> cluster.command("kubectl", "-n", Cluster.NAMESPACE, "get", "pods", "-o", "yaml"));
        keep("events", () -> cluster.command("kubectl", "get", "events", "-n", "default"));
        for (String node : Nodes.NAMES) {
            keep(node + "-link", () -> cluster.exec(node, "ip -d link show"));
            keep(node + "-address", () -> cluster.exec(node, "ip -d address show"));
            for (String family : List.of("-4", "-6")) {
                keep(node + "-route" + family, () -> cluster.exec(node, "ip " + family + " -d route show table all"));
            }
            keep(node + "-connections", () -> cluster.exec(node, "cat /proc/net/tcp /proc/net/tcp6"));
            // A Java process answers that with all its threads, in its log.
            keep(node + "-agent-asked", () -> cluster.exec(node, AgentProcess.signal("QUIT")));
            keep(
                    node + "-agent.log",
                    () -> cluster.exec(node, "find /var/log/pods -name *.log -path *agent* -exec tail -n +1 {} +"));
        }
        copy(state.resolve("log"));
        for (String node : Nodes.NAMES) {
            copy(state.resolve("nodes").resolve(node).resolve("log"));
        }
    }

    private void keep(String file, Supplier<String> content) {
        try {
            history.append(file, content.get());
        } catch (AssertionError e) {
            history.append(file, "not to be had: " + e.getMessage() + "\n");
        }
    }

    private void copy(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Path copy = history.folder().resolve(folder.getParent().getFileName() + "-" + file.getFileName());
                Files.copy(file, copy, StandardCopyOption.REPLACE_EXISTING);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
