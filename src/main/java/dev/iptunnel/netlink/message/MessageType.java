package dev.iptunnel.netlink.message;

/** {@code RTM_*} of {@code linux/rtnetlink.h}. */
public enum MessageType {
    RTM_NEWLINK(16),
    RTM_DELLINK(17),
    RTM_GETLINK(18),
    RTM_SETLINK(19),
    RTM_NEWADDR(20),
    RTM_DELADDR(21),
    RTM_GETADDR(22),
    RTM_NEWROUTE(24),
    RTM_DELROUTE(25),
    RTM_GETROUTE(26),
    RTM_NEWRULE(32),
    RTM_DELRULE(33),
    RTM_GETRULE(34),
    RTM_NEWNETCONF(80),
    RTM_GETNETCONF(82),
    RTM_DELLINKPROP(109);

    public final int number;

    MessageType(int number) {
        this.number = number;
    }
}
