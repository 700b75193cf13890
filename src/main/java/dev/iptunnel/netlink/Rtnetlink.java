package dev.iptunnel.netlink;

import static dev.iptunnel.netlink.MessageType.RTM_DELADDR;
import static dev.iptunnel.netlink.MessageType.RTM_DELLINK;
import static dev.iptunnel.netlink.MessageType.RTM_GETADDR;
import static dev.iptunnel.netlink.MessageType.RTM_GETLINK;
import static dev.iptunnel.netlink.MessageType.RTM_GETROUTE;
import static dev.iptunnel.netlink.MessageType.RTM_NEWADDR;
import static dev.iptunnel.netlink.MessageType.RTM_NEWLINK;
import static dev.iptunnel.netlink.MessageType.RTM_NEWROUTE;
import static dev.iptunnel.netlink.MessageType.RTM_SETLINK;
import static dev.iptunnel.netlink.NetlinkMessage.NLM_F_ACK;
import static dev.iptunnel.netlink.NetlinkMessage.NLM_F_CREATE;
import static dev.iptunnel.netlink.NetlinkMessage.NLM_F_DUMP;
import static dev.iptunnel.netlink.NetlinkMessage.NLM_F_EXCL;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Links, addresses and route look-ups of one network namespace over rtnetlink(7).
 *
 * <p>Every failure is a {@link NetlinkException} with the kernel's errno. Thread-safe, one request at a time; a
 * {@link #close} while one goes on ends it with {@code EBADF}. The transport must have joined no groups.
 */
public final class Rtnetlink implements AutoCloseable {
    private static final int AF_UNSPEC = 0;
    private static final int AF_INET = 2;
    private static final int AF_INET6 = 10;
    private static final int RTEXT_FILTER_SKIP_STATS = 8;
    /** Of IPv4 only: IPv6 refuses flags, and answers with the table of its own accord. */
    private static final int RTM_F_LOOKUP_TABLE = 0x1000;

    private final NetlinkTransport transport;
    private final Conversation conversation;

    /** Closes the transport with itself. */
    public Rtnetlink(NetlinkTransport transport) {
        this.transport = transport;
        this.conversation = new Conversation(transport);
    }

    /** Unlike {@code if_nametoindex}, a missing name makes the kernel load no module. */
    public Optional<Link> link(String name) {
        return link(linkRequest(0, 0).attribute(LinkDecoder.IFLA_IFNAME, name), Optional.of(name));
    }

    public Optional<Link> link(int index) {
        return link(linkRequest(0, index), Optional.empty());
    }

    private synchronized Optional<Link> link(MessageBuilder request, Optional<String> name) {
        try {
            return decodeLink(conversation.get(request, name));
        } catch (NetlinkException e) {
            if (e.errno().equals(Errno.ENODEV)) {
                return Optional.empty();
            }
            throw e;
        }
    }

    public synchronized List<Link> links() {
        return conversation.dump(linkRequest(NLM_F_DUMP, 0), Rtnetlink::decodeLink);
    }

    /** Those of one kind, {@code ipip}. The kernel filters, but not by a kind whose module is not loaded. */
    public synchronized List<Link> links(String kind) {
        MessageBuilder request =
                linkRequest(NLM_F_DUMP, 0).nested(LinkDecoder.IFLA_LINKINFO, LinkDecoder.IFLA_INFO_KIND, kind);
        return conversation.dump(request, message -> decodeLink(message)
                .filter(link -> link.kind().equals(Optional.of(kind))));
    }

    public synchronized List<Address> addresses() {
        return conversation.dump(addressRequest(RTM_GETADDR, NLM_F_DUMP, AF_UNSPEC, 0, 0), Rtnetlink::decodeAddress);
    }

    /** Of one interface; empty too when there is none of that index. */
    public synchronized List<Address> addresses(int ifindex) {
        try {
            return conversation.dump(
                    addressRequest(RTM_GETADDR, NLM_F_DUMP, AF_UNSPEC, 0, ifindex),
                    message -> decodeAddress(message).filter(address -> address.ifindex() == ifindex));
        } catch (NetlinkException e) {
            if (e.errno().equals(Errno.ENODEV)) {
                return List.of();
            }
            throw e;
        }
    }

    /**
     * How the kernel would send to the destination, as {@code ip route get} asks.
     *
     * @param oif only routes out of this interface
     * @return empty where nothing leads there: no route (ENETUNREACH), or one of type unreachable (EHOSTUNREACH),
     *     prohibit (EACCES) or blackhole (EINVAL without an explanation)
     */
    public synchronized Optional<Route> route(InetAddress destination, OptionalInt oif) {
        byte[] bytes = destination.getAddress();
        MessageBuilder request = new MessageBuilder(RTM_GETROUTE, 0)
                .u8(family(destination))
                .u8(bytes.length * Byte.SIZE)
                .u16(0)
                .u32(0)
                .u32(destination instanceof Inet4Address ? RTM_F_LOOKUP_TABLE : 0)
                .attribute(Route.RTA_DST, bytes);
        oif.ifPresent(index -> request.attribute(Route.RTA_OIF, index));
        try {
            NetlinkMessage answer = conversation.get(request, Optional.empty());
            return answer.type() == RTM_NEWROUTE.number ? Optional.of(Route.decode(answer)) : Optional.empty();
        } catch (NetlinkException e) {
            if (saysUnroutable(e)) {
                return Optional.empty();
            }
            throw e;
        }
    }

    private static boolean saysUnroutable(NetlinkException e) {
        Errno errno = e.errno();
        return errno.equals(Errno.ENETUNREACH)
                || errno.equals(Errno.EHOSTUNREACH)
                || errno.equals(Errno.EACCES)
                || (errno.equals(Errno.EINVAL) && e.explanation().isEmpty());
    }

    /** RTM_SETLINK. */
    public synchronized void setLink(int index, LinkChange change) {
        int flags = change.up().orElse(false) ? Link.IFF_UP : 0;
        int mask = change.up().isPresent() ? Link.IFF_UP : 0;
        MessageBuilder request = new MessageBuilder(RTM_SETLINK, NLM_F_ACK)
                .u32(AF_UNSPEC)
                .u32(index)
                .u32(flags)
                .u32(mask);
        change.mtu().ifPresent(mtu -> request.attribute(LinkDecoder.IFLA_MTU, mtu));
        change.name().ifPresent(name -> request.attribute(LinkDecoder.IFLA_IFNAME, name));
        change.alias()
                .ifPresent(
                        alias -> request.attribute(LinkDecoder.IFLA_IFALIAS, alias.getBytes(StandardCharsets.UTF_8)));
        conversation.execute(request, change.name());
    }

    /** RTM_DELLINK. */
    public synchronized void deleteLink(int index) {
        MessageBuilder request = new MessageBuilder(RTM_DELLINK, NLM_F_ACK)
                .u32(AF_UNSPEC)
                .u32(index)
                .u32(0)
                .u32(0);
        conversation.execute(request, Optional.empty());
    }

    /**
     * RTM_NEWADDR with NLM_F_EXCL: an address that is there already is {@code EEXIST}, whatever its protocol. IPv6
     * disabled on the interface is {@code EACCES}.
     *
     * @param peer the far end; {@code prefixLength} is then of the peer
     * @param protocol IFA_PROTO
     */
    public synchronized void addAddress(
            int ifindex, InetAddress address, Optional<InetAddress> peer, int prefixLength, OptionalInt protocol) {
        MessageBuilder request = addressRequest(
                        RTM_NEWADDR, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL, family(address), prefixLength, ifindex)
                .attribute(Address.IFA_LOCAL, address)
                .attribute(Address.IFA_ADDRESS, peer.orElse(address));
        protocol.ifPresent(number -> request.attribute(Address.IFA_PROTO, new byte[] {(byte) number}));
        conversation.execute(request, Optional.empty());
    }

    /** RTM_DELADDR; {@code EADDRNOTAVAIL} where it is not there. A primary IPv4 address takes its secondaries along. */
    public synchronized void deleteAddress(
            int ifindex, InetAddress address, Optional<InetAddress> peer, int prefixLength) {
        MessageBuilder request = addressRequest(RTM_DELADDR, NLM_F_ACK, family(address), prefixLength, ifindex)
                .attribute(Address.IFA_LOCAL, address)
                .attribute(Address.IFA_ADDRESS, peer.orElse(address));
        conversation.execute(request, Optional.empty());
    }

    @Override
    public void close() {
        transport.close();
    }

    private static MessageBuilder linkRequest(int flags, int index) {
        return new MessageBuilder(RTM_GETLINK, flags)
                .u32(AF_UNSPEC)
                .u32(index)
                .u32(0)
                .u32(0)
                .attribute(LinkDecoder.IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
    }

    private static MessageBuilder addressRequest(
            MessageType type, int flags, int family, int prefixLength, int ifindex) {
        return new MessageBuilder(type, flags)
                .u8(family)
                .u8(prefixLength)
                .u8(0)
                .u8(0)
                .u32(ifindex);
    }

    private static Optional<Link> decodeLink(NetlinkMessage message) {
        return message.type() == RTM_NEWLINK.number ? Optional.of(LinkDecoder.decode(message)) : Optional.empty();
    }

    private static Optional<Address> decodeAddress(NetlinkMessage message) {
        return message.type() == RTM_NEWADDR.number ? Optional.of(Address.decode(message)) : Optional.empty();
    }

    private static int family(InetAddress address) {
        return address instanceof Inet4Address ? AF_INET : AF_INET6;
    }
}
