package dev.iptunnel.agent;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;

/**
 * The settings with which the agent starts.
 *
 * @param nodeAddresses the node's own addresses in order of preference, for {@code localFrom} of type NodeAddress
 * @param httpAddress where metrics and health are served
 * @param resync how often every tunnel is compared with the kernel without an event: the kernel reports some changes to
 *     nobody
 */
public record AgentOptions(
        String nodeName, List<InetAddress> nodeAddresses, InetSocketAddress httpAddress, Duration resync) {
    public AgentOptions {
        nodeAddresses = List.copyOf(nodeAddresses);
    }
}
