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
 * @param ownPackets which of the packets it selects that the node itself sends without a mark
 * @param suppressedLength routes with a prefix of at most so many bits are passed over; -1 where none is
 * @param destination the first address of the network that it selects packets to
 * @param destinationLength of that network's prefix; 0 without a destination
 */
public record Rule(
        AddressFamily family,
        int priority,
        RuleAction action,
        int table,
        boolean selective,
        Selected ownPackets,
        int suppressedLength,
        Optional<InetAddress> destination,
        int destinationLength) {
    /** family 0, dst_len 1, src_len 2, tos 3, table 4, action 7, flags 8. A prefix that is not empty has an attribute. */
    static final int FIB_RULE_HDR = 12;

    private static final int FIB_RULE_INVERT = 0x2;

    private static final int FRA_DST = 1;
    private static final int FRA_IIFNAME = 3;
    private static final int FRA_GOTO = 4;
    private static final int FRA_PRIORITY = 6;
    private static final int FRA_FWMARK = 10;
    /** Realms, which the rule sets. It does not select packets by them. */
    private static final int FRA_FLOW = 11;

    private static final int FRA_SUPPRESS_IFGROUP = 13;
    private static final int FRA_SUPPRESS_PREFIXLEN = 14;
    private static final int FRA_TABLE = 15;
    private static final int FRA_FWMASK = 16;
    private static final int FRA_PAD = 18;
    private static final int FRA_PROTOCOL = 21;
    /** The value of FRA_SUPPRESS_* that suppresses nothing. */
    private static final int NONE = -1;

    /** The incoming interface of the packets that the node sends. */
    private static final String LOOPBACK = "lo";

    /** How many of some packets a rule selects; in this order, the last one of its conditions decides. */
    public enum Selected {
        ALL,
        SOME,
        NONE;

        private Selected and(Selected other) {
            return compareTo(other) < 0 ? other : this;
        }

        private Selected inverted() {
            return switch (this) {
                case ALL -> NONE;
                case SOME -> SOME;
                case NONE -> ALL;
            };
        }
    }

    public static Rule decode(NetlinkMessage message) {
        ByteBuffer fixed = message.fixed(FIB_RULE_HDR);
        int priority = 0;
        int table = Byte.toUnsignedInt(fixed.get(4));
        boolean inverted = (fixed.getInt(8) & FIB_RULE_INVERT) != 0;
        boolean selective = selectsByHeader(fixed) || inverted;
        Selected own = selectsByHeader(fixed) ? Selected.SOME : Selected.ALL;
        int suppressedLength = NONE;
        boolean suppressesGroup = false;
        int mark = 0;
        int mask = -1;
        Optional<InetAddress> destination = Optional.empty();
        AttributeReader reader = message.attributes(FIB_RULE_HDR);
        while (reader.next()) {
            switch (reader.type()) {
                case FRA_DST -> {
                    destination = Optional.of(reader.address());
                    selective = true;
                }
                case FRA_IIFNAME -> {
                    own = own.and(reader.string().equals(LOOPBACK) ? Selected.ALL : Selected.NONE);
                    selective = true;
                }
                case FRA_FWMARK -> {
                    mark = reader.u32();
                    selective = true;
                }
                case FRA_FWMASK -> {
                    mask = reader.u32();
                    selective = true;
                }
                case FRA_PRIORITY -> priority = reader.u32();
                case FRA_TABLE -> table = reader.u32();
                case FRA_SUPPRESS_IFGROUP -> suppressesGroup = reader.u32() != NONE;
                case FRA_SUPPRESS_PREFIXLEN -> suppressedLength = reader.u32();
                case FRA_GOTO, FRA_FLOW, FRA_PAD, FRA_PROTOCOL -> {}
                default -> {
                    own = own.and(Selected.SOME);
                    selective = true;
                }
            }
        }
        own = own.and((mark & mask) == 0 ? Selected.ALL : Selected.NONE);
        own = inverted ? own.inverted() : own;
        return new Rule(
                AddressFamily.of(message),
                priority,
                RuleAction.of(Byte.toUnsignedInt(fixed.get(7))),
                table,
                selective || suppressesGroup || suppressedLength != NONE,
                // Which routes the group suppresses is not looked up.
                suppressesGroup ? own.and(Selected.SOME) : own,
                suppressedLength,
                destination,
                Byte.toUnsignedInt(fixed.get(1)));
    }

    /** By the networks, or by the type of service, of the packets. */
    private static boolean selectsByHeader(ByteBuffer fixed) {
        return fixed.get(1) != 0 || fixed.get(2) != 0 || fixed.get(3) != 0;
    }
}
