package dev.iptunnel.tunnel;

import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What an IpTunnel asks for, resolved as far as the object alone allows.
 *
 * @param mark names the object and its manager
 * @param local the outer source; unspecified = any
 * @param remote the outer destination; unspecified = any
 * @param parent the name of the interface that the tunnel is bound to
 * @param ttl 1 to 255; 0 = inherit
 * @param mtu an override in bytes; empty = derived from the outer path
 * @param addresses the inner addresses, in the order of the object
 * @param up whether the interface is to be up
 */
public record DesiredTunnel(
        Mark mark,
        String interfaceName,
        TunnelMode mode,
        InetAddress local,
        InetAddress remote,
        Optional<String> parent,
        int ttl,
        OptionalInt mtu,
        List<IpPrefix> addresses,
        boolean up) {
    public DesiredTunnel {
        addresses = List.copyOf(addresses);
    }

    /** What the driver is to be told, once the parent's ifindex is known (0 = none). */
    public TunnelParameters parameters(int parentIndex) {
        return new TunnelParameters(
                mode.driver(), mode.protocol(), local, remote, parentIndex, ttl, 0, true, OptionalInt.empty(), 0);
    }
}
