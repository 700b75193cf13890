package dev.iptunnel.netlink;

/** {@code RTN_*} of {@code linux/rtnetlink.h}, in its order. */
public enum RouteType {
    UNSPEC,
    UNICAST,
    LOCAL,
    BROADCAST,
    ANYCAST,
    MULTICAST,
    BLACKHOLE,
    UNREACHABLE,
    PROHIBIT,
    THROW,
    NAT,
    XRESOLVE;

    private static final RouteType[] TYPES = values();

    static RouteType of(int number) {
        return number < TYPES.length ? TYPES[number] : UNSPEC;
    }
}
