package dev.iptunnel.netlink.link;

import dev.iptunnel.netlink.message.Attribute;
import java.net.InetAddress;
import java.util.List;

/**
 * The parameters of an IP-in-IP tunnel as its driver holds them: IFLA_INFO_DATA of {@code linux/if_tunnel.h}. The
 * structs of the tunnel ioctls have most of them, too. The planner has its own terms for them,
 * {@code tunnel.TunnelParameters}.
 */
public sealed interface TunnelAttributes permits Ip4TunnelAttributes, Ip6TunnelAttributes {
    /** The any address where the tunnel accepts every address. */
    InetAddress local();

    /** The any address where the tunnel accepts every address. */
    InetAddress remote();

    /** Ifindex of the parent, which sends the outer packets; 0 for none. The interface may be gone. */
    int link();

    /** Of the outer packets; 0 inherits that of the inner packet. */
    int ttl();

    /** The inner protocol: 4 IPv4, 41 IPv6, 0 both; 137 MPLS. */
    int protocol();

    /** The mark that the outer packets are routed with. */
    int fwmark();

    Encapsulation encapsulation();

    /** Whether it was made with {@code external}: each packet brings its endpoints. */
    boolean collectMetadata();

    /** Attributes that this package does not know. */
    List<Attribute> unknown();
}
