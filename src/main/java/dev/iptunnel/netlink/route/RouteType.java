package dev.iptunnel.netlink.route;

/** {@code RTN_*} of {@code linux/rtnetlink.h}. */
public enum RouteType {
    UNSPEC(0),
    UNICAST(1),
    LOCAL(2),
    BROADCAST(3),
    ANYCAST(4),
    MULTICAST(5),
    BLACKHOLE(6),
    UNREACHABLE(7),
    PROHIBIT(8),
    THROW(9),
    NAT(10),
    XRESOLVE(11);

    private static final RouteType[] TYPES = values();

    final int number;

    RouteType(int number) {
        this.number = number;
    }

    static RouteType of(int number) {
        return number < TYPES.length ? TYPES[number] : UNSPEC;
    }
}
