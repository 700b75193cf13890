package dev.iptunnel.netlink.link;

/** IFLA_* of {@code linux/if_link.h} that the kernel describes links with. */
public final class LinkAttribute {
    public static final int IFLA_IFNAME = 3;
    public static final int IFLA_MTU = 4;
    static final int IFLA_LINK = 5;
    static final int IFLA_MASTER = 10;
    static final int IFLA_OPERSTATE = 16;
    public static final int IFLA_LINKINFO = 18;
    public static final int IFLA_IFALIAS = 20;
    static final int IFLA_AF_SPEC = 26;
    static final int IFLA_GROUP = 27;
    static final int IFLA_EXT_MASK = 29;
    static final int IFLA_LINK_NETNSID = 37;
    public static final int IFLA_PROP_LIST = 52;
    public static final int IFLA_ALT_IFNAME = 53;

    /** In IFLA_LINKINFO, as are the next three. */
    public static final int IFLA_INFO_KIND = 1;

    public static final int IFLA_INFO_DATA = 2;
    static final int IFLA_INFO_SLAVE_KIND = 4;
    static final int IFLA_INFO_SLAVE_DATA = 5;

    /** In IFLA_AF_SPEC of AF_INET. Its settings are numbered from 1, {@link InetConf}. */
    static final int IFLA_INET_CONF = 1;

    /** In IFLA_AF_SPEC of AF_INET6. Its settings are numbered from 0. */
    static final int IFLA_INET6_CONF = 2;

    private LinkAttribute() {}
}
