package dev.iptunnel.netlink;

import dev.iptunnel.netlink.link.LinkDecoder;
import dev.iptunnel.netlink.link.NetConf;
import dev.iptunnel.netlink.message.AddressFamily;
import dev.iptunnel.netlink.message.MessageType;
import dev.iptunnel.netlink.message.NetlinkException;
import dev.iptunnel.netlink.message.NetlinkMessage;
import dev.iptunnel.netlink.message.NetlinkOverrunException;
import dev.iptunnel.netlink.message.NetlinkTransport;
import dev.iptunnel.netlink.route.Address;
import dev.iptunnel.netlink.route.Route;
import dev.iptunnel.netlink.route.RouteDecoder;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Queue;

/**
 * Reads the kernel's notifications, in order, from a transport that joined multicast groups. One thread reads. Another
 * may close it, and a {@link #next} that waits then fails with {@code EBADF}.
 *
 * <p>Notifications do not say which process made a change, so this process's own changes are among them. The kernel
 * does not notify of a change by SIOCCHGTUNNEL on a tunnel that is down.
 */
public final class NetlinkWatch implements AutoCloseable {
    /** The offset of the ifindex in {@code struct ifinfomsg} and {@code struct ifaddrmsg}. */
    private static final int INDEX = 4;

    private static final int INDEX_END = INDEX + Integer.BYTES;

    private final NetlinkTransport transport;
    private final Queue<NetlinkMessage> pending = new ArrayDeque<>();

    /** Takes over the transport, and closes it with itself. */
    public NetlinkWatch(NetlinkTransport transport) {
        this.transport = transport;
    }

    /** Empty where none came within the time. */
    public Optional<Notification> next(Duration timeout) {
        if (pending.isEmpty()) {
            Optional<byte[]> datagram;
            try {
                datagram = transport.receive(timeout);
            } catch (NetlinkOverrunException e) {
                return Optional.of(new Notification.Overrun());
            }
            try {
                datagram.map(NetlinkMessage::split).ifPresent(pending::addAll);
            } catch (NetlinkException unreadable) {
                return Optional.of(new Notification.Overrun());
            }
        }
        return Optional.ofNullable(pending.poll()).map(NetlinkWatch::decode);
    }

    @Override
    public void close() {
        transport.close();
    }

    private static Notification decode(NetlinkMessage message) {
        for (MessageType type : MessageType.values()) {
            if (type.number == message.type()) {
                return decoded(type, message);
            }
        }
        return message.type() == NetlinkMessage.NLMSG_OVERRUN
                ? new Notification.Overrun()
                : new Notification.Other(message.type());
    }

    private static Notification decoded(MessageType type, NetlinkMessage message) {
        try {
            return isOurs(type, message) ? decode(type, message) : new Notification.Other(message.type());
        } catch (NetlinkException e) {
            return new Notification.Undecodable(
                    message.type(), interfaceOf(type, message), e.explanation().orElse(""));
        }
    }

    /** Families that do not concern tunnels use the same messages: bridges, MPLS, MCTP, Phonet, multicast routing. */
    private static boolean isOurs(MessageType type, NetlinkMessage message) {
        return switch (type) {
            case RTM_NEWLINK, RTM_DELLINK -> LinkDecoder.isLink(message);
            case RTM_NEWADDR, RTM_DELADDR, RTM_NEWROUTE, RTM_DELROUTE, RTM_NEWRULE, RTM_DELRULE ->
                AddressFamily.isOf(message);
            default -> true;
        };
    }

    private static OptionalInt interfaceOf(MessageType type, NetlinkMessage message) {
        boolean hasIndex =
                switch (type) {
                    case RTM_NEWLINK, RTM_DELLINK, RTM_NEWADDR, RTM_DELADDR ->
                        message.payload().limit() >= INDEX_END;
                    default -> false;
                };
        return hasIndex ? OptionalInt.of(message.payload().getInt(INDEX)) : OptionalInt.empty();
    }

    private static Notification decode(MessageType type, NetlinkMessage message) {
        return switch (type) {
            case RTM_NEWLINK ->
                LinkDecoder.decodeWhole(message)
                        .<Notification>map(Notification.LinkChanged::new)
                        .orElseGet(() -> new Notification.LinkMentioned(LinkDecoder.decodePart(message)));
            case RTM_DELLINK ->
                new Notification.LinkDeleted(
                        message.fixed(LinkDecoder.IFINFOMSG).getInt(INDEX));
            case RTM_NEWADDR -> new Notification.AddressAdded(Address.decode(message));
            case RTM_DELADDR -> new Notification.AddressDeleted(Address.decode(message));
            case RTM_NEWROUTE, RTM_DELROUTE -> {
                Route route = RouteDecoder.decode(message);
                yield type == MessageType.RTM_NEWROUTE
                        ? new Notification.RouteAdded(route, message.has(NetlinkMessage.NLM_F_REPLACE))
                        : new Notification.RouteDeleted(route);
            }
            case RTM_NEWRULE, RTM_DELRULE -> new Notification.RulesChanged();
            case RTM_NEWNETCONF -> inetConf(message);
            case RTM_GETLINK, RTM_SETLINK, RTM_GETADDR, RTM_GETROUTE, RTM_GETRULE, RTM_GETNETCONF, RTM_DELLINKPROP ->
                new Notification.Other(message.type());
        };
    }

    private static Notification inetConf(NetlinkMessage message) {
        OptionalInt ifindex = NetConf.ifindex(message);
        return ifindex.isPresent()
                ? new Notification.InetConfChanged(ifindex.getAsInt())
                : new Notification.Other(message.type());
    }
}
