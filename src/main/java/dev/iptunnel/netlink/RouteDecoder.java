package dev.iptunnel.netlink;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** RTM_NEWROUTE and RTM_DELROUTE: {@code struct rtmsg} and RTA_* of {@code linux/rtnetlink.h}. */
final class RouteDecoder {
    /** family 0, dst_len 1, src_len 2, tos 3, table 4, protocol 5, scope 6, type 7, flags 8. */
    static final int RTMSG = 12;

    static final int RTA_DST = 1;
    static final int RTA_SRC = 2;
    static final int RTA_OIF = 4;
    static final int RTA_GATEWAY = 5;
    static final int RTA_PRIORITY = 6;
    private static final int RTA_PREFSRC = 7;
    private static final int RTA_METRICS = 8;
    private static final int RTA_MULTIPATH = 9;
    private static final int RTA_CACHEINFO = 12;
    static final int RTA_TABLE = 15;
    static final int RTA_VIA = 18;
    /** Of router advertisements, RFC 4191: every IPv6 route has one. */
    private static final int RTA_PREF = 20;

    private static final int RTA_NH_ID = 30;
    private static final int RTAX_MTU = 2;

    private InetAddress destination;
    private Optional<InetAddress> gateway = Optional.empty();
    private Optional<InetAddress> preferredSource = Optional.empty();
    private OptionalInt oif = OptionalInt.empty();
    private OptionalInt metric = OptionalInt.empty();
    private OptionalInt mtu = OptionalInt.empty();
    private OptionalInt nextHopId = OptionalInt.empty();
    private List<NextHop> nextHops = List.of();
    private int table;
    private final List<Attribute> unknown = new ArrayList<>();

    private RouteDecoder(InetAddress destination, int table) {
        this.destination = destination;
        this.table = table;
    }

    static Route decode(NetlinkMessage message) {
        ByteBuffer fixed = message.fixed(RTMSG);
        RouteDecoder d =
                new RouteDecoder(family(fixed).any(), Byte.toUnsignedInt(fixed.get(4))).read(message.attributes(RTMSG));
        return new Route(
                RouteType.of(Byte.toUnsignedInt(fixed.get(7))),
                d.destination,
                Byte.toUnsignedInt(fixed.get(1)),
                d.oif,
                d.gateway,
                d.preferredSource,
                d.table,
                Byte.toUnsignedInt(fixed.get(5)),
                Byte.toUnsignedInt(fixed.get(6)),
                d.metric,
                d.mtu,
                fixed.getInt(8),
                d.nextHops,
                d.nextHopId,
                d.unknown);
    }

    /** Multicast routing tables and MPLS tell of their routes in messages of families of their own. */
    static boolean isIp(NetlinkMessage message) {
        int number = message.fixed(RTMSG).get(0);
        return number == AddressFamily.IPV4.number || number == AddressFamily.IPV6.number;
    }

    private static AddressFamily family(ByteBuffer fixed) {
        return fixed.get(0) == AddressFamily.IPV6.number ? AddressFamily.IPV6 : AddressFamily.IPV4;
    }

    private RouteDecoder read(AttributeReader reader) {
        while (reader.next()) {
            switch (reader.type()) {
                case RTA_DST -> destination = reader.address();
                case RTA_GATEWAY -> gateway = Optional.of(reader.address());
                case RTA_VIA -> gateway = Optional.of(reader.via());
                case RTA_PREFSRC -> preferredSource = Optional.of(reader.address());
                case RTA_OIF -> oif = OptionalInt.of(reader.u32());
                case RTA_PRIORITY -> metric = OptionalInt.of(reader.u32());
                case RTA_TABLE -> table = reader.u32();
                case RTA_METRICS -> mtu = mtu(reader.nested());
                case RTA_MULTIPATH -> nextHops = NextHop.decode(reader.payload());
                case RTA_NH_ID -> nextHopId = OptionalInt.of(reader.u32());
                case RTA_CACHEINFO, RTA_PREF -> {}
                default -> unknown.add(reader.copy());
            }
        }
        return this;
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
