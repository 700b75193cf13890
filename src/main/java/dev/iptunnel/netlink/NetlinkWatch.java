package dev.iptunnel.netlink;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Queue;

/**
 * The kernel's notifications, in its order, from a transport that joined multicast groups. One thread reads; another may
 * close it, and a {@link #next} that waits then fails with {@code EBADF}.
 *
 * <p>Who caused a change is not told, so one's own changes come back too. A change by SIOCCHGTUNNEL on a tunnel that is
 * down comes not at all.
 */
public final class NetlinkWatch implements AutoCloseable {
    private final NetlinkTransport transport;
    private final Queue<NetlinkMessage> pending = new ArrayDeque<>();

    /** Closes the transport with itself. */
    public NetlinkWatch(NetlinkTransport transport) {
        this.transport = transport;
    }

    /** Empty when none came within the time. */
    public Optional<Notification> next(Duration timeout) {
        if (pending.isEmpty()) {
            try {
                transport.receive(timeout).map(NetlinkMessage::split).ifPresent(pending::addAll);
            } catch (NetlinkOverrunException e) {
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
                return decode(type, message);
            }
        }
        return message.type() == NetlinkMessage.NLMSG_OVERRUN
                ? new Notification.Overrun()
                : new Notification.Other(message.type());
    }

    private static Notification decode(MessageType type, NetlinkMessage message) {
        return switch (type) {
            case RTM_NEWLINK, RTM_DELLINK -> {
                if (!LinkDecoder.isLink(message)) {
                    yield new Notification.Other(message.type());
                }
                Link link = LinkDecoder.decode(message);
                yield type == MessageType.RTM_NEWLINK
                        ? new Notification.LinkChanged(link)
                        : new Notification.LinkDeleted(link);
            }
            case RTM_NEWADDR -> new Notification.AddressAdded(Address.decode(message));
            case RTM_DELADDR -> new Notification.AddressDeleted(Address.decode(message));
            case RTM_NEWROUTE, RTM_DELROUTE -> {
                if (!RouteDecoder.isIp(message)) {
                    yield new Notification.Other(message.type());
                }
                Route route = RouteDecoder.decode(message);
                yield type == MessageType.RTM_NEWROUTE
                        ? new Notification.RouteAdded(route)
                        : new Notification.RouteDeleted(route);
            }
            case RTM_NEWRULE, RTM_DELRULE -> new Notification.RulesChanged();
            case RTM_NEWNETCONF -> inetConf(message);
            case RTM_GETLINK, RTM_SETLINK, RTM_GETADDR, RTM_GETROUTE, RTM_GETRULE, RTM_GETNETCONF ->
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
