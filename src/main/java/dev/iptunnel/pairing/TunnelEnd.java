package dev.iptunnel.pairing;

import dev.iptunnel.tunnel.TunnelMode;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * One end of a tunnel, as the IpTunnel of its node describes it.
 *
 * @param tunnel the name of the IpTunnel
 * @param local what the kernel has as the outer source address; empty: any
 * @param remote what the kernel has as the outer destination address; empty: any
 * @param mtu of the interface, in bytes; empty if it is not known
 * @param encapsulationLimit as ip-tunnel(8) writes it
 * @param up whether the spec asks for an interface that is up
 * @param notReady why it is not ready, as its condition says; empty if it is ready
 */
public record TunnelEnd(
        String tunnel,
        String uid,
        String node,
        TunnelMode mode,
        Optional<InetAddress> local,
        Optional<InetAddress> remote,
        OptionalInt mtu,
        String encapsulationLimit,
        boolean up,
        Optional<String> notReady,
        List<InnerWay> inner) {
    public TunnelEnd {
        inner = List.copyOf(inner);
    }

    /** How messages name it. */
    String title() {
        return "IpTunnel " + tunnel + " on node " + node;
    }
}
