package dev.iptunnel.netlink.link;

import dev.iptunnel.netlink.message.Attribute;
import java.net.InetAddress;
import java.util.List;

/**
 * The parameters of an IP-in-IP tunnel as its driver holds them: IFLA_INFO_DATA of {@code linux/if_tunnel.h}. The structs of
 * the tunnel ioctls have most of them, too. The planner has its own terms for them, {@code tunnel.TunnelParameters}.
 */
public sealed interface TunnelAttributes permits Ip4TunnelAttributes, Ip6TunnelAttributes {
    /** The any address where the tunnel takes every one. */
    InetAddress local();

    /** The any address where the tunnel takes every one. */
    InetAddress remote();

    /** Index of the interface that the outer packets are bound to; 0 for none. It may be of an interface that is gone. */
    int link();

    /** Of the outer packets; 0 inherits the inner one's. */
    int ttl();

    /** The inner protocol: 4 IPv4, 41 IPv6, 0 both; 137 MPLS. */
    int protocol();

    /** The mark that the outer packets are routed with. */
    int fwmark();

    Encapsulation encapsulation();

    /** Made with {@code external}: endpoints come with each packet. */
    boolean collectMetadata();

    /** What a newer kernel adds. */
    List<Attribute> unknown();
}
