package dev.iptunnel.netlink.link;

import dev.iptunnel.netlink.message.Attribute;
import java.net.Inet4Address;
import java.util.List;
import java.util.Optional;

/**
 * A tunnel of kind {@code ipip} or {@code sit}.
 *
 * @param tos of the outer header; 1 inherits
 * @param pathMtuDiscovery whether the outer header carries "don't fragment"
 * @param flags {@code SIT_ISATAP} is 1
 * @param sixRd of {@code sit} in kernels that have it
 */
public record Ip4TunnelAttributes(
        Inet4Address local,
        Inet4Address remote,
        int link,
        int ttl,
        int tos,
        boolean pathMtuDiscovery,
        int protocol,
        int flags,
        int fwmark,
        Encapsulation encapsulation,
        boolean collectMetadata,
        Optional<SixRd> sixRd,
        List<Attribute> unknown)
        implements TunnelAttributes {
    public Ip4TunnelAttributes {
        unknown = List.copyOf(unknown);
    }
}
