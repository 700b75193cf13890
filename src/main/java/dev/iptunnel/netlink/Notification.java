package dev.iptunnel.netlink;

import dev.iptunnel.netlink.link.Link;
import dev.iptunnel.netlink.link.PartialLink;
import dev.iptunnel.netlink.route.Address;
import dev.iptunnel.netlink.route.Route;
import java.util.OptionalInt;

/** What {@link NetlinkWatch} tells. */
public sealed interface Notification {
    /** The link appeared, or something about it changed: the kernel does not say which. */
    record LinkChanged(Link link) implements Notification {}

    /** Something about a link changed, and the rest of it is not told. */
    record LinkMentioned(PartialLink link) implements Notification {}

    record LinkDeleted(int index) implements Notification {}

    /** Also when flags or life times of an address change. */
    record AddressAdded(Address address) implements Notification {}

    record AddressDeleted(Address address) implements Notification {}

    record RouteAdded(Route route) implements Notification {}

    record RouteDeleted(Route route) implements Notification {}

    /** A rule of policy routing, ip-rule(8), appeared or went. */
    record RulesChanged() implements Notification {}

    /**
     * A setting of {@code net.ipv4.conf.*} changed, by sysctl(8) for one.
     *
     * @param ifindex -1 for {@code all}, -2 for {@code default}
     */
    record InetConfChanged(int ifindex) implements Notification {}

    /**
     * A message of a kind that matters, which cannot be decoded: what it says has to be read.
     *
     * @param ifindex of the interface that it is about, where it says that much
     * @param what was wrong with it
     */
    record Undecodable(int messageType, OptionalInt ifindex, String what) implements Notification {}

    /** Notifications are lost: list again. */
    record Overrun() implements Notification {}

    /** A message that is none of the above, a bridge's word on its port for one. */
    record Other(int messageType) implements Notification {}
}
