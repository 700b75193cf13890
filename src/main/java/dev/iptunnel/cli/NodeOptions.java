package dev.iptunnel.cli;

import dev.iptunnel.agent.cluster.StartRefusedException;
import dev.iptunnel.agent.spec.SpecReader;
import dev.iptunnel.kernel.examine.Examination;
import dev.iptunnel.kernel.inventory.PresentTunnel;
import dev.iptunnel.kernel.inventory.TunnelInventory;
import dev.iptunnel.kernel.linux.LinuxTunnelKernel;
import dev.iptunnel.kernel.read.Guards;
import dev.iptunnel.libc.NetlinkSocket;
import dev.iptunnel.netlink.Rtnetlink;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.Mark;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What a command has to know of the node that it runs on. */
final class NodeOptions {
    private static final Path HOST_NAME = Path.of("/proc/sys/kernel/hostname");

    @Option(
            names = "--node-name",
            defaultValue = "${env:NODE_NAME}",
            paramLabel = "NAME",
            description =
                    "Which spec.nodeName is this node. Default: the environment variable NODE_NAME, else the host name.")
    private @Nullable String nodeName;

    @Option(
            names = "--node-addresses",
            defaultValue = "${env:NODE_ADDRESSES}",
            paramLabel = "ADDRESS,...",
            description =
                    "This node's own addresses, for spec.localFrom of type NodeAddress. Default: the environment variable"
                            + " NODE_ADDRESSES.")
    private @Nullable String nodeAddresses;

    @Option(
            names = "--protected-networks",
            defaultValue = "${env:PROTECTED_NETWORKS}",
            paramLabel = "CIDR,...",
            description =
                    "Networks that no route or address of a tunnel may take over. Default: the environment variable"
                            + " PROTECTED_NETWORKS.")
    private @Nullable String protectedNetworks;

    @Option(
            names = "--ipv6-sysctls",
            defaultValue = "${env:IPV6_SYSCTLS:-/proc/sys/net/ipv6}",
            paramLabel = "DIRECTORY",
            description =
                    "Where the kernel's IPv6 settings can be written. Default: the environment variable IPV6_SYSCTLS, else"
                            + " /proc/sys/net/ipv6.")
    private Path inet6Sysctls = LinuxTunnelKernel.SYSCTLS;

    @Option(names = "--api-server", defaultValue = "${env:KUBERNETES_SERVICE_HOST}", hidden = true)
    private @Nullable String apiServer;

    /** The name of this node. */
    String nodeName() {
        if (nodeName != null && !nodeName.isBlank()) {
            return nodeName;
        }
        try {
            return Files.readString(HOST_NAME).strip();
        } catch (IOException e) {
            throw new StartRefusedException("the host name cannot be read: set --node-name");
        }
    }

    List<InetAddress> nodeAddresses() {
        return OptionValues.addresses(nodeAddresses);
    }

    /** Reads specs for the manager of this command. */
    SpecReader reader() {
        return new SpecReader(Mark.COMMAND, nodeAddresses());
    }

    /** The kernel, without a watch. */
    LinuxTunnelKernel open() {
        return LinuxTunnelKernel.open(
                apiServer(), OptionValues.networks(protectedNetworks), inet6Sysctls, (operation, errno) -> {});
    }

    /** The kernel, to be examined with what {@link #open} guards. */
    Examination examine() {
        Guards guards = new Guards(apiServer(), OptionValues.networks(protectedNetworks));
        return new Examination(new Rtnetlink(NetlinkSocket.open()), guards, inet6Sysctls);
    }

    private List<InetAddress> apiServer() {
        return Optional.ofNullable(apiServer).flatMap(IpFamily::literal).stream()
                .toList();
    }

    /** All tunnels of the network namespace. */
    List<PresentTunnel> tunnels() {
        try (Rtnetlink rtnetlink = new Rtnetlink(NetlinkSocket.open())) {
            return TunnelInventory.read(rtnetlink);
        }
    }
}
