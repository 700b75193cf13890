package dev.iptunnel.tunnel;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * All that a node's kernel holds that bears on one desired tunnel.
 *
 * @param named the interface of the desired name
 * @param strays interfaces of other names that carry this object's mark
 * @param parent the interface of the parent's name
 * @param path how the outer packets would leave the node
 */
public record Observation(
        Optional<ObservedLink> named, List<ObservedLink> strays, Optional<ObservedLink> parent, OuterPath path) {
    public Observation {
        strays = List.copyOf(strays);
    }

    /**
     * The answer to a route look-up for the remote through the parent.
     *
     * @param device the interface that the route leads out of; empty without a route, or without a remote
     * @param localPresent whether the local address is one of the node's; true where local is any
     */
    public record OuterPath(Optional<Device> device, boolean localPresent) {}

    /** The interface at the end of a route look-up. */
    public record Device(int index, String name, int mtu) {}

    /** The MTU that the outer packets meet: the routed device's, else the parent's; empty = not known. */
    OptionalInt outerMtu() {
        Optional<Device> routed = path.device().filter(device -> !leadsIntoTunnel(device));
        return routed.map(Device::mtu)
                .or(() -> parent.map(ObservedLink::mtu))
                .map(OptionalInt::of)
                .orElseGet(OptionalInt::empty);
    }

    boolean leadsIntoTunnel(Device device) {
        return named.filter(link -> link.index() == device.index()).isPresent();
    }
}
