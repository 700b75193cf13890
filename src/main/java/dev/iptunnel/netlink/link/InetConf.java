package dev.iptunnel.netlink.link;

/** Settings below {@code net.ipv4.conf.INTERFACE} by their {@code IPV4_DEVCONF_*} of {@code linux/ip.h}. */
public enum InetConf {
    /** 0 off, 1 strict, 2 loose. */
    RP_FILTER(8),
    /** 1: a secondary address becomes primary where the primary one of its subnet is deleted. 0: it is deleted, too. */
    PROMOTE_SECONDARIES(20);

    final int number;

    InetConf(int number) {
        this.number = number;
    }
}
