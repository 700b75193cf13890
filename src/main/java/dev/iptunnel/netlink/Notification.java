package dev.iptunnel.netlink;

import dev.iptunnel.netlink.link.Link;
import dev.iptunnel.netlink.link.PartialLink;
import dev.iptunnel.netlink.route.Address;
import dev.iptunnel.netlink.route.Route;
import java.util.OptionalInt;

/** One notification of the kernel, as {@link NetlinkWatch} reads it. */
public sealed interface Notification {
    /** The link appeared or changed: the kernel does not say which, or what changed. */
    record LinkChanged(Link link) implements Notification {}

    /** The link changed, and the message has only a part of it. */
    record LinkMentioned(PartialLink link) implements Notification {}

    record LinkDeleted(int index) implements Notification {}

    /** The address was added, or its flags or life times changed. */
    record AddressAdded(Address address) implements Notification {}

    record AddressDeleted(Address address) implements Notification {}

    /**
     * The route was added.
     *
     * @param replaces whether another route to the same destination in the same table went for it
     */
    record RouteAdded(Route route, boolean replaces) implements Notification {}

    record RouteDeleted(Route route) implements Notification {}

    /** A rule of policy routing, ip-rule(8), was added or deleted. */
    record RulesChanged() implements Notification {}

    /**
     * A setting of {@code net.ipv4.conf.*} changed, for example by sysctl(8).
     *
     * @param ifindex -1 for {@code all}, -2 for {@code default}
     */
    record InetConfChanged(int ifindex) implements Notification {}

    /**
     * A message of a kind that matters, and that cannot be decoded. What changed has to be read.
     *
     * @param ifindex of the interface that the message is about, where that can be decoded
     * @param what is wrong with the message
     */
    record Undecodable(int messageType, OptionalInt ifindex, String what) implements Notification {}

    /** Notifications were lost: everything has to be listed again. */
    record Overrun() implements Notification {}

    /** Any other message, for example of a bridge about its port. */
    record Other(int messageType) implements Notification {}
}
