package dev.iptunnel.netlink.route;

import static dev.iptunnel.netlink.message.MessageType.RTM_DELROUTE;
import static dev.iptunnel.netlink.message.MessageType.RTM_GETROUTE;
import static dev.iptunnel.netlink.message.MessageType.RTM_GETRULE;
import static dev.iptunnel.netlink.message.MessageType.RTM_NEWROUTE;
import static dev.iptunnel.netlink.message.NetlinkMessage.NLM_F_ACK;
import static dev.iptunnel.netlink.message.NetlinkMessage.NLM_F_APPEND;
import static dev.iptunnel.netlink.message.NetlinkMessage.NLM_F_CREATE;
import static dev.iptunnel.netlink.message.NetlinkMessage.NLM_F_DUMP;
import static dev.iptunnel.netlink.message.NetlinkMessage.NLM_F_EXCL;

import dev.iptunnel.netlink.message.AddressFamily;
import dev.iptunnel.netlink.message.MessageBuilder;
import dev.iptunnel.netlink.message.MessageType;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;
import java.util.OptionalInt;

/** Requests about routes and rules, as iproute2 makes them. */
public final class RouteRequests {
    /** For IPv4 only. IPv6 refuses the flag, and its answers always have the table. */
    private static final int RTM_F_LOOKUP_TABLE = 0x1000;

    private static final int RTM_F_FIB_MATCH = 0x2000;

    private static final int RT_SCOPE_UNIVERSE = 0;
    /** Deletes a route of any scope. */
    private static final int RT_SCOPE_NOWHERE = 255;

    private static final int RT_SCOPE_HOST = 254;
    /** The fixed part of a message has eight bits for the table. */
    private static final int TABLES_IN_HEADER = 256;

    private RouteRequests() {}

    public static MessageBuilder lookup(InetAddress destination, Optional<InetAddress> source, OptionalInt oif) {
        return lookup(destination, source, oif, 0);
    }

    /** Asks for the entry of the table that decides. A look-up asks for the route that a packet would get. */
    public static MessageBuilder match(InetAddress destination, OptionalInt oif) {
        return lookup(destination, Optional.empty(), oif, RTM_F_FIB_MATCH);
    }

    private static MessageBuilder lookup(
            InetAddress destination, Optional<InetAddress> source, OptionalInt oif, int flags) {
        AddressFamily family = AddressFamily.of(destination);
        byte[] bytes = destination.getAddress();
        int bits = bytes.length * Byte.SIZE;
        MessageBuilder request = new MessageBuilder(RTM_GETROUTE, 0)
                .u8(family.number)
                .u8(bits)
                .u8(source.isPresent() ? bits : 0)
                .u8(0)
                .u32(0)
                .u32(flags | (family == AddressFamily.IPV4 ? RTM_F_LOOKUP_TABLE : 0))
                .attribute(RouteAttribute.RTA_DST, bytes);
        source.ifPresent(address -> request.attribute(RouteAttribute.RTA_SRC, address));
        oif.ifPresent(index -> request.attribute(RouteAttribute.RTA_OIF, index));
        return request;
    }

    public static MessageBuilder dump(RouteFilter filter) {
        MessageBuilder request = new MessageBuilder(RTM_GETROUTE, NLM_F_DUMP)
                .u8(filter.family().number)
                .u8(0)
                .u16(0)
                .u8(0)
                .u8(filter.protocol().orElse(0))
                .u16(0)
                .u32(0);
        filter.oif().ifPresent(index -> request.attribute(RouteAttribute.RTA_OIF, index));
        return request;
    }

    public static MessageBuilder add(DeviceRoute route) {
        // The kernel also adds a local route beside one of the same address on another interface.
        int how = route.type() == RouteType.LOCAL ? NLM_F_APPEND : NLM_F_EXCL;
        return attributes(
                route,
                fixed(RTM_NEWROUTE, NLM_F_ACK | NLM_F_CREATE | how, route)
                        .u8(scope(route))
                        .u8(route.type().number));
    }

    private static int scope(DeviceRoute route) {
        if (AddressFamily.of(route.destination()) == AddressFamily.IPV6
                || route.gateway().isPresent()) {
            return RT_SCOPE_UNIVERSE;
        }
        return route.type() == RouteType.LOCAL ? RT_SCOPE_HOST : RouteAttribute.RT_SCOPE_LINK;
    }

    public static MessageBuilder delete(DeviceRoute route) {
        return attributes(
                route,
                fixed(RTM_DELROUTE, NLM_F_ACK, route).u8(RT_SCOPE_NOWHERE).u8(route.type().number));
    }

    /** The fixed part up to the protocol. */
    private static MessageBuilder fixed(MessageType type, int flags, DeviceRoute route) {
        return new MessageBuilder(type, flags)
                .u8(AddressFamily.of(route.destination()).number)
                .u8(route.prefixLength())
                .u8(route.selector().sourceLength())
                .u8(route.selector().tos())
                .u8(inHeader(route.table()) ? route.table() : 0)
                .u8(route.protocol());
    }

    private static MessageBuilder attributes(DeviceRoute route, MessageBuilder request) {
        request.u32(0);
        if (route.prefixLength() > 0) {
            request.attribute(RouteAttribute.RTA_DST, route.destination());
        }
        route.selector().source().ifPresent(source -> request.attribute(RouteAttribute.RTA_SRC, source));
        route.preferredSource().ifPresent(source -> request.attribute(RouteAttribute.RTA_PREFSRC, source));
        route.gateway().ifPresent(gateway -> gateway(request, route, gateway));
        if (!inHeader(route.table())) {
            request.attribute(RouteAttribute.RTA_TABLE, route.table());
        }
        if (route.metric() != 0) {
            request.attribute(RouteAttribute.RTA_PRIORITY, route.metric());
        }
        return route.oif() == 0 ? request : request.attribute(RouteAttribute.RTA_OIF, route.oif());
    }

    /** {@code struct rtvia} where the gateway is of the other family: two bytes of family, then the address. */
    private static void gateway(MessageBuilder request, DeviceRoute route, InetAddress gateway) {
        AddressFamily family = AddressFamily.of(gateway);
        if (family == AddressFamily.of(route.destination())) {
            request.attribute(RouteAttribute.RTA_GATEWAY, gateway);
        } else {
            byte[] address = gateway.getAddress();
            request.attribute(
                    RouteAttribute.RTA_VIA,
                    ByteBuffer.allocate(Short.BYTES + address.length)
                            .order(ByteOrder.nativeOrder())
                            .putShort((short) family.number)
                            .put(address)
                            .array());
        }
    }

    private static boolean inHeader(int table) {
        return table >= 0 && table < TABLES_IN_HEADER;
    }

    public static MessageBuilder rules(AddressFamily family) {
        return new MessageBuilder(RTM_GETRULE, NLM_F_DUMP)
                .u8(family.number)
                .u8(0)
                .u16(0)
                .u32(0)
                .u32(0);
    }
}
