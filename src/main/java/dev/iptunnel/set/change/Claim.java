package dev.iptunnel.set.change;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.mapping;
import static java.util.stream.Collectors.toSet;

import dev.iptunnel.set.child.NamedEdges;
import dev.iptunnel.tunnel.TunnelDriver;
import java.net.InetAddress;
import java.time.Instant;
import java.util.Collection;
import java.util.Optional;

/**
 * What an IpTunnel that is not the set's has on its node.
 *
 * @param tunnel the name of the IpTunnel
 * @param local unspecified = any; absent if {@code localFrom} says where it comes from
 * @param remote unspecified = any
 * @param parent the name of the interface; empty = none
 * @param set that made it; absent if it was made by hand
 */
public record Claim(
        String tunnel,
        String node,
        TunnelDriver driver,
        Optional<InetAddress> local,
        InetAddress remote,
        String parent,
        String interfaceName,
        Optional<OtherSet> set) {

    /** A set by what decides between two of them. */
    public record OtherSet(String name, String uid, Instant created) {}

    /** The names that new tunnels of the set cannot have. */
    public static NamedEdges.Taken taken(Collection<Claim> claims) {
        return new NamedEdges.Taken(
                claims.stream().map(Claim::tunnel).collect(toSet()),
                claims.stream().collect(groupingBy(Claim::node, mapping(Claim::interfaceName, toSet()))));
    }

    String described() {
        return "IpTunnel " + tunnel
                + set.map(other -> " of the IpTunnelSet " + other.name()).orElse("");
    }
}
