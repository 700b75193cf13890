package dev.iptunnel.kernel;

import dev.iptunnel.netlink.AddressFamily;
import dev.iptunnel.netlink.Link;
import dev.iptunnel.netlink.Route;
import dev.iptunnel.netlink.RouteFilter;
import dev.iptunnel.netlink.Rtnetlink;
import dev.iptunnel.netlink.TunnelInfo;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.IpPrefix;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * Who exchanges packets with a remote through a device that is not for that remote alone: the driver's fallback device,
 * by a route as Calico makes them, or one with {@code external} (ip-link(8)), whose routes need not name the remote.
 */
final class FallbackUsers {
    private static final int RTPROT_KERNEL = 2;
    private static final int SIX_TO_FOUR = 0x2002;
    private static final int SIX_TO_FOUR_LENGTH = 48;

    private FallbackUsers() {}

    /** @param links of one driver */
    static List<String> of(Rtnetlink rtnetlink, List<Link> links, InetAddress remote) {
        List<String> users = new ArrayList<>();
        for (Link link : links) {
            if (FallbackDevices.isFallback(link)) {
                Stream.of(AddressFamily.values())
                        .flatMap(family ->
                                rtnetlink.routes(RouteFilter.of(family).withOif(link.index())).stream())
                        .filter(route -> route.protocol() != RTPROT_KERNEL && leadsTo(route, remote))
                        .findFirst()
                        .ifPresent(route -> users.add(
                                "route " + text(route) + " dev " + link.name() + " sends through the fallback device"));
            } else if (link.tunnel().filter(TunnelInfo::collectMetadata).isPresent()) {
                users.add("interface " + link.name() + " (external) exchanges packets with any remote");
            }
        }
        return users;
    }

    /** A device without a remote sends to the gateway, else to the destination itself. */
    private static boolean leadsTo(Route route, InetAddress remote) {
        if (route.gateway().isPresent()) {
            InetAddress gateway = route.gateway().get();
            return gateway.equals(remote) || (remote instanceof Inet4Address ip4 && isCompatible(gateway, ip4));
        }
        IpPrefix destination = ObservedLinks.destination(route);
        return destination.contains(remote)
                || (remote instanceof Inet4Address ip4 && overlaps(destination, sixToFour(ip4)));
    }

    /** {@code ::a.b.c.d}, as sit's gateways are written (RFC 4291, 2.5.5.1). */
    private static boolean isCompatible(InetAddress gateway, Inet4Address remote) {
        byte[] compatible =
                ByteBuffer.allocate(16).position(12).put(remote.getAddress()).array();
        return Arrays.equals(gateway.getAddress(), compatible);
    }

    /** The remote's 6to4 network (RFC 3056). */
    private static IpPrefix sixToFour(Inet4Address remote) {
        byte[] bytes = ByteBuffer.allocate(16)
                .putShort((short) SIX_TO_FOUR)
                .put(remote.getAddress())
                .array();
        return new IpPrefix(IpFamily.IPV6.ofBytes(bytes), SIX_TO_FOUR_LENGTH);
    }

    private static boolean overlaps(IpPrefix one, IpPrefix other) {
        return one.contains(other.address()) || other.contains(one.address());
    }

    private static String text(Route route) {
        return ObservedLinks.destination(route)
                + route.gateway().map(via -> " via " + IpFamily.format(via)).orElse("");
    }
}
