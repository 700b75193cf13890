package dev.iptunnel.cli;

import dev.iptunnel.command.ClusterOwned;
import dev.iptunnel.command.Report;
import dev.iptunnel.kernel.WriterLock;
import dev.iptunnel.kernel.linux.LinuxTunnelKernel;
import java.util.Optional;
import java.util.function.Consumer;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What a command has to know that changes the node. */
final class WriterOptions {
    @Mixin
    private NodeOptions node = new NodeOptions();

    @Option(
            names = "--force-cluster-owned",
            description = "Change also tunnels of a cluster's IpTunnels. The agent will put them back.")
    private boolean forceClusterOwned;

    NodeOptions node() {
        return node;
    }

    ClusterOwned clusterOwned() {
        return new ClusterOwned(forceClusterOwned, node.nodeAddresses());
    }

    /** Changes the kernel with the writer's lock, or reports who holds it. */
    void write(String command, Report report, Consumer<LinuxTunnelKernel> change) {
        Optional<WriterLock> lock = WriterLock.tryAcquire(command, report::locked);
        if (lock.isPresent()) {
            try (WriterLock held = lock.get();
                    LinuxTunnelKernel kernel = node.open()) {
                change.accept(kernel);
            }
        }
    }
}
