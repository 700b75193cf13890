package dev.iptunnel.controller.cluster;

import dev.iptunnel.set.FleetNode;
import dev.iptunnel.set.FleetNode.NodeAddress;
import dev.iptunnel.set.OuterAddresses;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.IpPrefix;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeSpec;
import io.fabric8.kubernetes.api.model.NodeStatus;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/** Reads what matters to sets from a Node. What it cannot read, such as a host name as an address, is left out. */
final class NodeReader {
    private NodeReader() {}

    static FleetNode read(Node node) {
        Optional<NodeStatus> status = Optional.ofNullable(node.getStatus());
        return new FleetNode(
                node.getMetadata().getName(),
                node.getMetadata().getUid(),
                Objects.requireNonNullElse(node.getMetadata().getLabels(), Map.of()),
                status.stream()
                        .flatMap(has -> has.getAddresses().stream())
                        .flatMap(address -> address(address.getType(), address.getAddress()))
                        .toList(),
                podNetworks(node.getSpec()),
                status.stream()
                        .flatMap(has -> has.getConditions().stream())
                        .anyMatch(condition ->
                                "Ready".equals(condition.getType()) && "True".equals(condition.getStatus())));
    }

    private static Stream<NodeAddress> address(String type, String text) {
        return Arrays.stream(OuterAddresses.Type.values())
                .filter(known -> known.toString().equals(type))
                .flatMap(known -> IpFamily.literal(text).stream().map(address -> new NodeAddress(known, address)));
    }

    private static List<IpPrefix> podNetworks(NodeSpec spec) {
        if (spec == null) {
            return List.of();
        }
        return spec.getPodCIDRs().stream().flatMap(NodeReader::network).toList();
    }

    private static Stream<IpPrefix> network(String text) {
        return Arrays.stream(IpFamily.values()).flatMap(family -> {
            try {
                return Stream.of(IpPrefix.parse(family, text).network());
            } catch (IllegalArgumentException otherFamily) {
                return Stream.empty();
            }
        });
    }
}
