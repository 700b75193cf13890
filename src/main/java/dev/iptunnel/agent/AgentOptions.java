package dev.iptunnel.agent;

import dev.iptunnel.agent.confirm.ConfirmSettings;
import dev.iptunnel.agent.lease.LeaseTerms;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * The settings with which the agent starts.
 *
 * @param nodeAddresses the node's own addresses in order of preference, for {@code localFrom} of type NodeAddress
 * @param httpAddress where metrics and health are served
 * @param resync how often every tunnel is compared with the kernel without an event, because some changes cause no
 *     event
 * @param lease empty: the agent has no Lease
 * @param confirm how changes are confirmed that may cut the node off
 */
public record AgentOptions(
        String nodeName,
        List<InetAddress> nodeAddresses,
        InetSocketAddress httpAddress,
        Duration resync,
        Optional<LeaseTerms> lease,
        ConfirmSettings confirm) {
    public AgentOptions {
        nodeAddresses = List.copyOf(nodeAddresses);
    }

    /** No change is undone. */
    public AgentOptions(
            String nodeName,
            List<InetAddress> nodeAddresses,
            InetSocketAddress httpAddress,
            Duration resync,
            Optional<LeaseTerms> lease) {
        this(nodeName, nodeAddresses, httpAddress, resync, lease, ConfirmSettings.OFF);
    }

    /** Without a Lease. */
    public AgentOptions(
            String nodeName, List<InetAddress> nodeAddresses, InetSocketAddress httpAddress, Duration resync) {
        this(nodeName, nodeAddresses, httpAddress, resync, Optional.empty());
    }
}
