package dev.iptunnel.set;

import dev.iptunnel.tunnel.IpPrefix;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;

/**
 * A node as its Node object describes it.
 *
 * @param addresses in the order of {@code status.addresses}
 * @param podNetworks {@code spec.podCIDRs}
 * @param ready whether its condition Ready is True
 */
public record FleetNode(
        String name,
        String uid,
        Map<String, String> labels,
        List<NodeAddress> addresses,
        List<IpPrefix> podNetworks,
        boolean ready) {
    private static final String CONTROL_PLANE = "node-role.kubernetes.io/control-plane";

    public FleetNode {
        labels = Map.copyOf(labels);
        addresses = List.copyOf(addresses);
        podNetworks = List.copyOf(podNetworks);
    }

    /** An address that is listed in the status of a Node, of one of the types that a set can ask for. */
    public record NodeAddress(OuterAddresses.Type type, InetAddress address) {}

    public boolean isControlPlane() {
        return labels.containsKey(CONTROL_PLANE);
    }
}
