package dev.iptunnel.observation;

import java.net.InetAddress;
import java.util.List;
import java.util.Optional;

/**
 * How the node's own packets to an address leave it.
 *
 * @param devices the names of the interfaces in order: a tunnel comes before the interface that carries its outer packets;
 *     none without a route
 * @param source the source address that the kernel chooses
 */
public record EgressPath(InetAddress destination, List<String> devices, Optional<InetAddress> source) {
    public EgressPath {
        devices = List.copyOf(devices);
    }

    /** Whether packets pass this interface. */
    public boolean passes(String device) {
        return devices.contains(device);
    }
}
