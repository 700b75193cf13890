package dev.iptunnel.netlink.route;

import dev.iptunnel.netlink.message.AddressFamily;
import dev.iptunnel.netlink.message.AttributeReader;
import dev.iptunnel.netlink.message.NetlinkMessage;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * A rule of policy routing, which says in which table a packet is looked up, RTM_NEWRULE of rtnetlink(7), ip-rule(8).
 *
 * @param priority unsigned 32 bits, the smallest first; 0, 32766 and 32767 are the kernel's own rules
 * @param table 0 where the action has none, and of the rule for VRFs, which takes the table of the packet's VRF
 * @param selective whether it leaves out some packets or routes: it names addresses, interfaces, marks, users, ports or
 *     the like, is inverted, suppresses routes, or has an attribute that this package does not know
 * @param destination the first address of the network that it selects packets to
 * @param destinationLength of that network's prefix; 0 without a destination
 */
public record Rule(
        AddressFamily family,
        int priority,
        RuleAction action,
        int table,
        boolean selective,
        Optional<InetAddress> destination,
        int destinationLength) {
    /** family 0, dst_len 1, src_len 2, tos 3, table 4, action 7, flags 8. A prefix that is not empty has an attribute. */
    static final int FIB_RULE_HDR = 12;

    private static final int FIB_RULE_INVERT = 0x2;

    private static final int FRA_DST = 1;
    private static final int FRA_GOTO = 4;
    private static final int FRA_PRIORITY = 6;
    /** Realms, which the rule sets. It does not select packets by them. */
    private static final int FRA_FLOW = 11;

    private static final int FRA_SUPPRESS_IFGROUP = 13;
    private static final int FRA_SUPPRESS_PREFIXLEN = 14;
    private static final int FRA_TABLE = 15;
    private static final int FRA_PAD = 18;
    private static final int FRA_PROTOCOL = 21;
    /** The value of FRA_SUPPRESS_* that suppresses nothing. */
    private static final int NONE = -1;

    public static Rule decode(NetlinkMessage message) {
        ByteBuffer fixed = message.fixed(FIB_RULE_HDR);
        int priority = 0;
        int table = Byte.toUnsignedInt(fixed.get(4));
        boolean selective =
                fixed.get(1) != 0 || fixed.get(2) != 0 || fixed.get(3) != 0 || (fixed.getInt(8) & FIB_RULE_INVERT) != 0;
        Optional<InetAddress> destination = Optional.empty();
        AttributeReader reader = message.attributes(FIB_RULE_HDR);
        while (reader.next()) {
            switch (reader.type()) {
                case FRA_DST -> {
                    destination = Optional.of(reader.address());
                    selective = true;
                }
                case FRA_PRIORITY -> priority = reader.u32();
                case FRA_TABLE -> table = reader.u32();
                case FRA_SUPPRESS_IFGROUP, FRA_SUPPRESS_PREFIXLEN -> selective |= reader.u32() != NONE;
                case FRA_GOTO, FRA_FLOW, FRA_PAD, FRA_PROTOCOL -> {}
                default -> selective = true;
            }
        }
        return new Rule(
                AddressFamily.of(message),
                priority,
                RuleAction.of(Byte.toUnsignedInt(fixed.get(7))),
                table,
                selective,
                destination,
                Byte.toUnsignedInt(fixed.get(1)));
    }
}
