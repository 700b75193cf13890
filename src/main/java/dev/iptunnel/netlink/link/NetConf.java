package dev.iptunnel.netlink.link;

import static dev.iptunnel.netlink.message.MessageType.RTM_GETNETCONF;

import dev.iptunnel.netlink.message.AddressFamily;
import dev.iptunnel.netlink.message.AttributeReader;
import dev.iptunnel.netlink.message.MessageBuilder;
import dev.iptunnel.netlink.message.NetlinkMessage;
import java.util.OptionalInt;

/** RTM_NEWNETCONF: {@code struct netconfmsg} and NETCONFA_* of {@code linux/netconf.h}, see ip-netconf(8). */
public final class NetConf {
    /** family 0. */
    private static final int NETCONFMSG = 1;

    private static final int NETCONFA_IFINDEX = 1;
    private static final int NETCONFA_RP_FILTER = 3;
    /** Stands for {@code conf.all} in place of an ifindex. */
    private static final int ALL = -1;

    private NetConf() {}

    /** Of {@code net.ipv4.conf.all}. */
    public static MessageBuilder getAll() {
        return new MessageBuilder(RTM_GETNETCONF, 0)
                .u8(AddressFamily.IPV4.number)
                .u8(0)
                .u16(0)
                .attribute(NETCONFA_IFINDEX, ALL);
    }

    public static OptionalInt ifindex(NetlinkMessage message) {
        return value(message, NETCONFA_IFINDEX);
    }

    public static OptionalInt reversePathFilter(NetlinkMessage message) {
        return value(message, NETCONFA_RP_FILTER);
    }

    private static OptionalInt value(NetlinkMessage message, int type) {
        AttributeReader reader = message.attributes(NETCONFMSG);
        while (reader.next()) {
            if (reader.type() == type) {
                return OptionalInt.of(reader.u32());
            }
        }
        return OptionalInt.empty();
    }
}
