package dev.iptunnel.netlink.link;

import java.util.Arrays;
import java.util.BitSet;

/**
 * IFLA_* of {@code linux/if_link.h} that a {@link Link} leaves out: hardware addresses, counters, queue settings and
 * limits. Some of them change with every packet. What is neither decoded nor named here is kept in
 * {@link Link#unknown}.
 */
enum IgnoredLinkAttribute {
    IFLA_ADDRESS(1),
    IFLA_BROADCAST(2),
    IFLA_QDISC(6),
    IFLA_STATS(7),
    /** Events of wireless drivers have it. */
    IFLA_WIRELESS(11),
    IFLA_TXQLEN(13),
    IFLA_MAP(14),
    IFLA_LINKMODE(17),
    IFLA_STATS64(23),
    IFLA_VF_PORTS(24),
    IFLA_PROMISCUITY(30),
    IFLA_NUM_TX_QUEUES(31),
    IFLA_NUM_RX_QUEUES(32),
    IFLA_CARRIER(33),
    IFLA_CARRIER_CHANGES(35),
    IFLA_PROTO_DOWN(39),
    IFLA_GSO_MAX_SEGS(40),
    IFLA_GSO_MAX_SIZE(41),
    IFLA_PAD(42),
    IFLA_XDP(43),
    IFLA_EVENT(44),
    IFLA_NEW_NETNSID(45),
    IFLA_CARRIER_UP_COUNT(47),
    IFLA_CARRIER_DOWN_COUNT(48),
    IFLA_MIN_MTU(50),
    IFLA_MAX_MTU(51),
    IFLA_PERM_ADDRESS(54),
    IFLA_GRO_MAX_SIZE(58),
    IFLA_TSO_MAX_SIZE(59),
    IFLA_TSO_MAX_SEGS(60),
    IFLA_ALLMULTI(61),
    IFLA_GSO_IPV4_MAX_SIZE(63),
    IFLA_GRO_IPV4_MAX_SIZE(64),
    IFLA_MAX_PACING_OFFLOAD_HORIZON(66);

    private static final BitSet NUMBERS = new BitSet();

    static {
        Arrays.stream(values()).forEach(attribute -> NUMBERS.set(attribute.number));
    }

    private final int number;

    IgnoredLinkAttribute(int number) {
        this.number = number;
    }

    static boolean isIgnored(int type) {
        return NUMBERS.get(type);
    }
}
