package dev.iptunnel.netlink;

import dev.iptunnel.netlink.link.InetConf;
import dev.iptunnel.netlink.link.LinkChange;
import dev.iptunnel.netlink.link.LinkRequests;
import dev.iptunnel.netlink.link.TunnelAttributes;
import dev.iptunnel.netlink.message.Conversation;
import dev.iptunnel.netlink.message.NetlinkException;
import dev.iptunnel.netlink.route.AddressRequests;
import dev.iptunnel.netlink.route.DeviceRoute;
import dev.iptunnel.netlink.route.RouteRequests;
import java.net.InetAddress;
import java.util.Optional;
import java.util.OptionalInt;

/** Changes links, addresses and routes over the socket of an {@link Rtnetlink}. Failures are {@link NetlinkException}. */
public final class RtnetlinkChanges {
    private final Conversation conversation;

    RtnetlinkChanges(Conversation conversation) {
        this.conversation = conversation;
    }

    /**
     * RTM_NEWLINK with NLM_F_EXCL: makes a tunnel, which is down. Unlike SIOCADDTUNNEL it needs no fallback device. A
     * name or endpoints that exist are {@code EEXIST}, also of {@code sit}.
     *
     * @param group the interface group that the tunnel has from the start; 0 is the default one
     * @param kind {@code ipip}, {@code sit} or {@code ip6tnl}
     * @param attributes fwmark, encapsulation, metadata and 6rd are not set
     */
    public void addTunnelLink(String name, int group, String kind, TunnelAttributes attributes) {
        conversation.execute(LinkRequests.addTunnel(name, group, kind, attributes), Optional.of(name));
    }

    /**
     * RTM_NEWLINK of a tunnel that exists: replaces the driver's parameters in place, as SIOCCHGTUNNEL does, and the
     * fwmark, which SIOCCHGTUNNEL of {@code sit} leaves as it is.
     *
     * @param kind {@code ipip}, {@code sit} or {@code ip6tnl}
     * @param attributes encapsulation, metadata and 6rd are not changed
     */
    public void changeTunnelLink(int index, String kind, TunnelAttributes attributes) {
        conversation.execute(LinkRequests.changeTunnel(index, kind, attributes), Optional.empty());
    }

    /** RTM_SETLINK. */
    public void setLink(int index, LinkChange change) {
        conversation.execute(LinkRequests.set(index, change), change.name());
    }

    /** RTM_SETLINK with IFLA_INET_CONF. It works even where /proc/sys is read-only. */
    public void setInetConf(int index, InetConf setting, int value) {
        conversation.execute(LinkRequests.set(index, setting, value), Optional.empty());
    }

    /** RTM_SETLINK with IFLA_MASTER: makes the interface a port of the other one. */
    public void setMaster(int index, int master) {
        conversation.execute(LinkRequests.setMaster(index, master), Optional.empty());
    }

    /** RTM_DELLINKPROP, as {@code ip link property del}. */
    public void deleteAlternativeName(int index, String name) {
        conversation.execute(LinkRequests.deleteAlternativeName(index, name), Optional.of(name));
    }

    /**
     * RTM_NEWADDR with NLM_F_EXCL: an address that exists is {@code EEXIST}, whatever its protocol. IPv6 disabled on the
     * interface is {@code EACCES}.
     *
     * @param peer the far end, to which {@code prefixLength} applies then
     * @param protocol IFA_PROTO
     */
    public void addAddress(
            int ifindex, InetAddress address, Optional<InetAddress> peer, int prefixLength, OptionalInt protocol) {
        conversation.execute(AddressRequests.add(ifindex, address, peer, prefixLength, protocol), Optional.empty());
    }

    /**
     * RTM_DELADDR. {@code EADDRNOTAVAIL} where it does not exist. With a primary IPv4 address its secondary ones may
     * go.
     */
    public void deleteAddress(int ifindex, InetAddress address, Optional<InetAddress> peer, int prefixLength) {
        conversation.execute(AddressRequests.delete(ifindex, address, peer, prefixLength), Optional.empty());
    }

    /**
     * RTM_NEWROUTE with NLM_F_EXCL: where any route to the same destination is in this table with this metric,
     * {@code EEXIST}. An interface that is down is {@code ENETDOWN}.
     */
    public void addRoute(DeviceRoute route) {
        conversation.execute(RouteRequests.add(route), Optional.empty());
    }

    /**
     * RTM_DELROUTE of a route of this protocol out of this interface; {@code ESRCH} where there is none. A request
     * cannot say "without a gateway", nor in IPv4 "metric 0". The kernel deletes the first route that fits, so read
     * first which routes there are.
     */
    public void deleteRoute(DeviceRoute route) {
        conversation.execute(RouteRequests.delete(route), Optional.empty());
    }
}
