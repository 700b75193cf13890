package dev.iptunnel.set.member;

import static java.util.stream.Collectors.joining;

import dev.iptunnel.set.FleetNode;
import dev.iptunnel.set.OuterAddresses;
import dev.iptunnel.set.SetProblem;
import dev.iptunnel.set.SetTopology;
import dev.iptunnel.set.TunnelSet;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.IpPrefix;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Chooses the outer address of a node. */
record OuterChoice(TunnelSet set) {
    /** Whether the tunnels have the node's address in them. */
    boolean isNeeded() {
        return !(set.topology() instanceof SetTopology.PerNode)
                || (!set.template().spec().has("local")
                        && !set.template().spec().has("localFrom"));
    }

    /** The address in use stays while it is fit, whatever the order of the Node's addresses. */
    Optional<InetAddress> of(FleetNode node, Optional<InetAddress> inUse) {
        Optional<InetAddress> written = set.override(node.name()).outer();
        List<InetAddress> fit = fit(node).toList();
        return written.or(() -> inUse.filter(fit::contains))
                .or(() -> fit.stream().findFirst());
    }

    private Stream<InetAddress> fit(FleetNode node) {
        OuterAddresses wanted = set.outerAddresses();
        return node.addresses().stream()
                .filter(listed -> listed.type() == wanted.type())
                .map(FleetNode.NodeAddress::address)
                .filter(address -> IpFamily.of(address) == family() && reachable(address))
                .filter(address -> wanted.networks().isEmpty()
                        || wanted.networks().stream().anyMatch(network -> network.contains(address)));
    }

    private static boolean reachable(InetAddress address) {
        return !address.isAnyLocalAddress()
                && !address.isLoopbackAddress()
                && !address.isLinkLocalAddress()
                && !address.isMulticastAddress();
    }

    private IpFamily family() {
        return set.template().mode().outer();
    }

    SetProblem notFound(FleetNode node) {
        OuterAddresses wanted = set.outerAddresses();
        String listed = node.addresses().stream()
                .map(address -> address.type() + " " + IpFamily.format(address.address()))
                .collect(joining(", "));
        String networks = wanted.networks().isEmpty()
                ? ""
                : " in " + wanted.networks().stream().map(IpPrefix::toString).collect(Collectors.joining(" or "));
        return new SetProblem(
                node.name(),
                "",
                "NodeAddressNotFound",
                "the Node lists " + (listed.isEmpty() ? "no address" : listed) + "; mode "
                        + set.template().mode() + " needs an " + family() + " address of type " + wanted.type()
                        + networks
                        + ": write another nodeAddress, or an outerAddress for this node in nodeOverrides");
    }

    SetProblem taken(String node, InetAddress address, String holder) {
        return new SetProblem(
                node,
                "",
                "NodeAddressConflict",
                "its address " + IpFamily.format(address) + " is also that of node " + holder
                        + ", and two ends of a tunnel need two addresses: write another nodeAddress, or an outerAddress for"
                        + " this node in nodeOverrides");
    }
}
