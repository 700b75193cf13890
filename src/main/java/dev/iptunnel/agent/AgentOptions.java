package dev.iptunnel.agent;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;

/**
 * What the agent is told when it starts.
 *
 * @param nodeAddresses the node's own, in the order of preference: what {@code localFrom} of type NodeAddress gives
 * @param httpAddress where metrics and health are served
 * @param resync how often every tunnel is compared with the kernel without an event; some changes give none
 */
public record AgentOptions(
        String nodeName, List<InetAddress> nodeAddresses, InetSocketAddress httpAddress, Duration resync) {
    public AgentOptions {
        nodeAddresses = List.copyOf(nodeAddresses);
    }
}
