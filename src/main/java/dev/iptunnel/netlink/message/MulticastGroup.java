package dev.iptunnel.netlink.message;

/** What a socket can be notified of: {@code enum rtnetlink_groups} of {@code linux/rtnetlink.h}. */
public enum MulticastGroup {
    LINK(1),
    /** Queueing disciplines, tc(8). */
    TC(4),
    IPV4_IFADDR(5),
    IPV4_ROUTE(7),
    IPV4_RULE(8),
    IPV6_IFADDR(9),
    IPV6_ROUTE(11),
    IPV6_RULE(19),
    /** Settings of {@code net.ipv4.conf.*}, ip-netconf(8). */
    IPV4_NETCONF(24);

    private final int number;

    MulticastGroup(int number) {
        this.number = number;
    }

    /** The number for NETLINK_ADD_MEMBERSHIP. */
    public int number() {
        return number;
    }
}
