package dev.iptunnel.netlink;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A route, or the answer to a look-up of one destination; RTM_NEWROUTE of rtnetlink(7).
 *
 * @param destination empty in a default route
 * @param oif the outgoing interface's index
 * @param gateway of either family, since an IPv4 route may lead through an IPv6 one
 * @param preferredSource in an answer, the source that the kernel would choose (IPv4, and IPv6)
 * @param protocol {@code RTPROT_*}, who put it there; 0 in an IPv4 answer
 * @param metric RTA_PRIORITY; absent in an IPv4 answer
 * @param mtu the route's own, from RTAX_MTU
 */
public record Route(
        RouteType type,
        Optional<InetAddress> destination,
        int prefixLength,
        OptionalInt oif,
        Optional<InetAddress> gateway,
        Optional<InetAddress> preferredSource,
        int table,
        int protocol,
        int scope,
        OptionalInt metric,
        OptionalInt mtu,
        List<Attribute> unknown) {
    /** family 0, dst_len 1, src_len 2, tos 3, table 4, protocol 5, scope 6, type 7, flags 8. */
    static final int RTMSG = 12;

    static final int RTA_DST = 1;
    static final int RTA_OIF = 4;
    private static final int RTA_GATEWAY = 5;
    private static final int RTA_PRIORITY = 6;
    private static final int RTA_PREFSRC = 7;
    private static final int RTA_METRICS = 8;
    private static final int RTA_CACHEINFO = 12;
    private static final int RTA_TABLE = 15;
    private static final int RTA_VIA = 18;
    private static final int RTAX_MTU = 2;

    public Route {
        unknown = List.copyOf(unknown);
    }

    static Route decode(NetlinkMessage message) {
        ByteBuffer fixed = message.fixed(RTMSG);
        Optional<InetAddress> destination = Optional.empty();
        Optional<InetAddress> gateway = Optional.empty();
        Optional<InetAddress> preferredSource = Optional.empty();
        OptionalInt oif = OptionalInt.empty();
        OptionalInt metric = OptionalInt.empty();
        OptionalInt mtu = OptionalInt.empty();
        int table = Byte.toUnsignedInt(fixed.get(4));
        List<Attribute> unknown = new ArrayList<>();
        AttributeReader reader = message.attributes(RTMSG);
        while (reader.next()) {
            switch (reader.type()) {
                case RTA_DST -> destination = Optional.of(reader.address());
                case RTA_GATEWAY -> gateway = Optional.of(reader.address());
                case RTA_VIA -> gateway = Optional.of(reader.via());
                case RTA_PREFSRC -> preferredSource = Optional.of(reader.address());
                case RTA_OIF -> oif = OptionalInt.of(reader.u32());
                case RTA_PRIORITY -> metric = OptionalInt.of(reader.u32());
                case RTA_TABLE -> table = reader.u32();
                case RTA_METRICS -> mtu = mtu(reader.nested());
                case RTA_CACHEINFO -> {}
                default -> unknown.add(reader.copy());
            }
        }
        return new Route(
                RouteType.of(Byte.toUnsignedInt(fixed.get(7))),
                destination,
                Byte.toUnsignedInt(fixed.get(1)),
                oif,
                gateway,
                preferredSource,
                table,
                Byte.toUnsignedInt(fixed.get(5)),
                Byte.toUnsignedInt(fixed.get(6)),
                metric,
                mtu,
                unknown);
    }

    private static OptionalInt mtu(AttributeReader metrics) {
        OptionalInt mtu = OptionalInt.empty();
        while (metrics.next()) {
            if (metrics.type() == RTAX_MTU) {
                mtu = OptionalInt.of(metrics.u32());
            }
        }
        return mtu;
    }
}
