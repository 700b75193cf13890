package dev.iptunnel.netlink.route;

/** RTA_* of {@code linux/rtnetlink.h}, and a scope. */
public final class RouteAttribute {
    public static final int RTA_DST = 1;
    public static final int RTA_SRC = 2;
    public static final int RTA_OIF = 4;
    public static final int RTA_GATEWAY = 5;
    public static final int RTA_PRIORITY = 6;
    public static final int RTA_PREFSRC = 7;
    public static final int RTA_METRICS = 8;
    public static final int RTA_MULTIPATH = 9;
    public static final int RTA_FLOW = 11;
    public static final int RTA_CACHEINFO = 12;
    public static final int RTA_TABLE = 15;
    public static final int RTA_VIA = 18;
    public static final int RTA_PREF = 20;
    public static final int RTA_ENCAP_TYPE = 21;
    public static final int RTA_ENCAP = 22;
    public static final int RTA_TTL_PROPAGATE = 26;
    public static final int RTA_NH_ID = 30;

    /** {@code rtm_scope} of a route or an address on the link itself. */
    public static final int RT_SCOPE_LINK = 253;

    private RouteAttribute() {}
}
