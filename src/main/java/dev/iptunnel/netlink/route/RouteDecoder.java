package dev.iptunnel.netlink.route;

import dev.iptunnel.netlink.message.AddressFamily;
import dev.iptunnel.netlink.message.Attribute;
import dev.iptunnel.netlink.message.AttributeReader;
import dev.iptunnel.netlink.message.NetlinkMessage;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** RTM_NEWROUTE and RTM_DELROUTE: {@code struct rtmsg} and RTA_* of {@code linux/rtnetlink.h}. */
public final class RouteDecoder {
    /** family 0, dst_len 1, src_len 2, tos 3, table 4, protocol 5, scope 6, type 7, flags 8. */
    static final int RTMSG = 12;

    /** The default preference of RFC 4191. Every IPv6 route has a preference. */
    private static final int MEDIUM = 0;

    private static final int RTAX_MTU = 2;

    /** {@code struct rta_cacheinfo}: clntref 0, lastuse 4, expires 8. */
    private static final int EXPIRES = 8;

    private InetAddress destination;
    private Optional<InetAddress> gateway = Optional.empty();
    private Optional<InetAddress> preferredSource = Optional.empty();
    private OptionalInt oif = OptionalInt.empty();
    private OptionalInt metric = OptionalInt.empty();
    private OptionalInt mtu = OptionalInt.empty();
    private OptionalInt nextHopId = OptionalInt.empty();
    private Optional<InetAddress> source = Optional.empty();
    private boolean expires;
    private final List<Attribute> effects = new ArrayList<>();
    private List<NextHop> nextHops = List.of();
    private int table;
    private final List<Attribute> unknown = new ArrayList<>();

    private RouteDecoder(InetAddress destination, int table) {
        this.destination = destination;
        this.table = table;
    }

    public static Route decode(NetlinkMessage message) {
        ByteBuffer fixed = message.fixed(RTMSG);
        AddressFamily family = AddressFamily.of(message);
        RouteDecoder d =
                new RouteDecoder(family.any(), Byte.toUnsignedInt(fixed.get(4))).read(message.attributes(RTMSG));
        return new Route(
                RouteType.of(Byte.toUnsignedInt(fixed.get(7))),
                family.require(d.destination),
                family.prefixLength(Byte.toUnsignedInt(fixed.get(1))),
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
                new RouteSelector(d.source, Byte.toUnsignedInt(fixed.get(2)), Byte.toUnsignedInt(fixed.get(3))),
                d.expires,
                d.effects,
                d.unknown);
    }

    /** Of the destination, without a look at the rest of the message. */
    static int prefixLength(NetlinkMessage message) {
        return Byte.toUnsignedInt(message.fixed(RTMSG).get(1));
    }

    private RouteDecoder read(AttributeReader reader) {
        while (reader.next()) {
            switch (reader.type()) {
                case RouteAttribute.RTA_DST -> destination = reader.address();
                case RouteAttribute.RTA_GATEWAY -> gateway = Optional.of(reader.address());
                case RouteAttribute.RTA_VIA -> gateway = Optional.of(reader.via());
                case RouteAttribute.RTA_PREFSRC -> preferredSource = Optional.of(reader.address());
                case RouteAttribute.RTA_OIF -> oif = OptionalInt.of(reader.u32());
                case RouteAttribute.RTA_PRIORITY -> metric = OptionalInt.of(reader.u32());
                case RouteAttribute.RTA_TABLE -> table = reader.u32();
                case RouteAttribute.RTA_SRC -> source = Optional.of(reader.address());
                case RouteAttribute.RTA_METRICS -> {
                    mtu = mtu(reader.nested());
                    effects.add(reader.copy());
                }
                case RouteAttribute.RTA_MULTIPATH -> nextHops = NextHop.decode(reader.payload());
                case RouteAttribute.RTA_NH_ID -> nextHopId = OptionalInt.of(reader.u32());
                case RouteAttribute.RTA_CACHEINFO -> expires = expires(reader.payload());
                case RouteAttribute.RTA_PREF -> {
                    if (reader.u8() != MEDIUM) {
                        effects.add(reader.copy());
                    }
                }
                case RouteAttribute.RTA_FLOW,
                        RouteAttribute.RTA_ENCAP_TYPE,
                        RouteAttribute.RTA_ENCAP,
                        RouteAttribute.RTA_TTL_PROPAGATE -> effects.add(reader.copy());
                default -> unknown.add(reader.copy());
            }
        }
        return this;
    }

    private static boolean expires(ByteBuffer cacheInfo) {
        return cacheInfo.limit() >= EXPIRES + Integer.BYTES && cacheInfo.getInt(EXPIRES) != 0;
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
