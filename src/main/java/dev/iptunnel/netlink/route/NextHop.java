package dev.iptunnel.netlink.route;

import dev.iptunnel.netlink.message.AttributeReader;
import dev.iptunnel.netlink.message.NetlinkException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One of several next hops of a multipath route, {@code struct rtnexthop} of rtnetlink(7).
 *
 * @param oif ifindex of the outgoing interface
 * @param weight 1 to 256
 */
public record NextHop(int oif, Optional<InetAddress> gateway, int weight) {
    /** len 0, flags 2, hops 3, ifindex 4; attributes follow. */
    private static final int RTNEXTHOP = 8;

    /** All next hops of an RTA_MULTIPATH. */
    public static List<NextHop> decode(ByteBuffer multipath) {
        List<NextHop> nextHops = new ArrayList<>();
        int start = 0;
        while (start < multipath.limit()) {
            int remaining = multipath.limit() - start;
            int length = remaining < RTNEXTHOP ? 0 : Short.toUnsignedInt(multipath.getShort(start));
            if (length < RTNEXTHOP || length > remaining) {
                throw NetlinkException.malformed("next hop of " + length + " bytes in " + remaining);
            }
            nextHops.add(decodeOne(multipath.slice(start, length).order(ByteOrder.nativeOrder())));
            start += AttributeReader.align(length);
        }
        return nextHops;
    }

    private static NextHop decodeOne(ByteBuffer nextHop) {
        Optional<InetAddress> gateway = Optional.empty();
        AttributeReader reader = new AttributeReader(nextHop.slice(RTNEXTHOP, nextHop.limit() - RTNEXTHOP));
        while (reader.next()) {
            switch (reader.type()) {
                case RouteAttribute.RTA_GATEWAY -> gateway = Optional.of(reader.address());
                case RouteAttribute.RTA_VIA -> gateway = Optional.of(reader.via());
                default -> {} // realms and encapsulation
            }
        }
        return new NextHop(nextHop.getInt(4), gateway, Byte.toUnsignedInt(nextHop.get(3)) + 1);
    }
}
