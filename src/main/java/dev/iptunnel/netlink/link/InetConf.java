package dev.iptunnel.netlink.link;

/** Settings below {@code net.ipv4.conf.INTERFACE} by their {@code IPV4_DEVCONF_*} of {@code linux/ip.h}. */
public enum InetConf {
    /** 0 off, 1 strict, 2 loose. */
    RP_FILTER(8),
    /** 1: a secondary address becomes a primary one when the primary of its subnet goes, which takes it along else. */
    PROMOTE_SECONDARIES(20);

    final int number;

    InetConf(int number) {
        this.number = number;
    }
}
