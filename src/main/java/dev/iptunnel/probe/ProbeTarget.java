package dev.iptunnel.probe;

import dev.iptunnel.tunnel.DesiredTunnel;
import dev.iptunnel.tunnel.InnerAddress;
import dev.iptunnel.tunnel.IpFamily;
import java.net.InetAddress;
import java.util.Optional;

/**
 * Who asks whom through a tunnel.
 *
 * @param source an inner address of this node
 * @param target an inner address of the other end
 */
public record ProbeTarget(InetAddress source, InetAddress target) {
    /**
     * The addresses for a tunnel whose spec asks for a probe. Without {@code spec.probe.target} the first inner address
     * decides: its peer is asked, or the other host of its network, if that has two hosts. Empty if there is no such
     * address.
     */
    public static Optional<ProbeTarget> of(DesiredTunnel desired) {
        Optional<InetAddress> target = desired.probe()
                .flatMap(probe -> probe.target())
                .or(() -> desired.addresses().stream().findFirst().flatMap(ProbeTarget::otherEnd));
        return target.flatMap(address -> source(desired, address).map(source -> new ProbeTarget(source, address)));
    }

    private static Optional<InetAddress> source(DesiredTunnel desired, InetAddress target) {
        return desired.addresses().stream()
                .filter(address -> address.network().contains(target))
                .findFirst()
                .or(() -> desired.addresses().stream().findFirst())
                .map(InnerAddress::address)
                .filter(source -> !source.equals(target));
    }

    private static Optional<InetAddress> otherEnd(InnerAddress address) {
        return address.peer().or(() -> otherHost(address));
    }

    /** Of a network of two addresses, or of four, of which the first and the last are no hosts. */
    private static Optional<InetAddress> otherHost(InnerAddress address) {
        byte[] bytes = address.address().getAddress();
        int last = bytes.length - 1;
        int spare = bytes.length * Byte.SIZE - address.prefix().length();
        if (spare == 1) {
            bytes[last] ^= 1;
        } else if (spare == 2 && ((bytes[last] & 3) == 1 || (bytes[last] & 3) == 2)) {
            bytes[last] ^= 3;
        } else {
            return Optional.empty();
        }
        return Optional.of(IpFamily.of(address.address()).ofBytes(bytes));
    }
}
