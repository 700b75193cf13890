package dev.iptunnel.netlink;

import dev.iptunnel.errno.Errno;
import dev.iptunnel.netlink.link.Link;
import dev.iptunnel.netlink.link.LinkAttribute;
import dev.iptunnel.netlink.link.LinkDecoder;
import dev.iptunnel.netlink.link.TunnelAttributesDecoder;
import dev.iptunnel.netlink.message.AddressFamily;
import dev.iptunnel.netlink.message.AttributeReader;
import dev.iptunnel.netlink.message.MessageBuilder;
import dev.iptunnel.netlink.message.MessageType;
import dev.iptunnel.netlink.message.NetlinkMessage;
import dev.iptunnel.netlink.message.NetlinkTransport;
import dev.iptunnel.netlink.route.Address;
import dev.iptunnel.netlink.route.RouteAttribute;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.TreeMap;

/** A network namespace in memory. It answers requests for links, addresses and routes, and makes notifications. */
public final class SimulatedRtnetlink implements NetlinkTransport {
    public static final int UP = Link.IFF_UP;
    private static final int OPERSTATE_UP = 6;
    private static final int IFLA_OPERSTATE = 16;
    private static final int IFLA_WIRELESS = 11;
    private static final int AF_MCTP = 45;
    private static final int AF_BRIDGE = 7;

    /** The interfaces by index. */
    public final Map<Integer, Interface> interfaces = new TreeMap<>();

    /** The addresses by the interface's index. */
    public final Map<Integer, List<InetAddress>> addresses = new TreeMap<>();

    /** Further messages in dumps of addresses. */
    public final List<byte[]> strangeAddresses = new ArrayList<>();

    /** Whole messages. */
    public final List<byte[]> routes = new ArrayList<>();

    private final List<MessageType> failing = new ArrayList<>();
    private final Queue<byte[]> answers = new ArrayDeque<>();

    /** An interface; a tunnel of {@code ipip} from 192.0.2.1 to 203.0.113.1, or else a network card. */
    public record Interface(
            int index, String name, List<String> alternativeNames, int flags, int mtu, String alias, boolean tunnel) {
        public Interface(int index, String name, boolean tunnel) {
            this(index, name, List.of(), UP, 1500, "", tunnel);
        }

        public Interface withName(String other) {
            return new Interface(index, other, alternativeNames, flags, mtu, alias, tunnel);
        }

        public Interface withAlternativeNames(String... others) {
            return new Interface(index, name, List.of(others), flags, mtu, alias, tunnel);
        }

        public Interface withFlags(int others) {
            return new Interface(index, name, alternativeNames, others, mtu, alias, tunnel);
        }

        public Interface withMtu(int other) {
            return new Interface(index, name, alternativeNames, flags, other, alias, tunnel);
        }

        public Interface withAlias(String other) {
            return new Interface(index, name, alternativeNames, flags, mtu, other, tunnel);
        }

        /** The interface as RTM_NEWLINK. */
        public byte[] message() {
            return message(MessageType.RTM_NEWLINK);
        }

        /** The interface as RTM_DELLINK. */
        public byte[] deletion() {
            return message(MessageType.RTM_DELLINK);
        }

        private byte[] message(MessageType type) {
            return builder(type).build(0);
        }

        private MessageBuilder head(MessageType type, int family) {
            return new MessageBuilder(type, 0)
                    .u8(family)
                    .u8(0)
                    .u16(tunnel ? 768 : 1)
                    .u32(index)
                    .u32(flags)
                    .u32(0);
        }

        private MessageBuilder builder(MessageType type) {
            MessageBuilder message = head(type, 0)
                    .attribute(LinkAttribute.IFLA_IFNAME, name)
                    .attribute(LinkAttribute.IFLA_MTU, mtu)
                    .attributeU8(IFLA_OPERSTATE, OPERSTATE_UP);
            if (!alias.isEmpty()) {
                message.attribute(LinkAttribute.IFLA_IFALIAS, alias);
            }
            if (!alternativeNames.isEmpty()) {
                message.nested(
                        LinkAttribute.IFLA_PROP_LIST,
                        list -> alternativeNames.forEach(
                                other -> list.attribute(LinkAttribute.IFLA_ALT_IFNAME, other)));
            }
            if (tunnel) {
                message.nested(LinkAttribute.IFLA_LINKINFO, info -> info.attribute(LinkAttribute.IFLA_INFO_KIND, "ipip")
                        .nested(LinkAttribute.IFLA_INFO_DATA, data -> data.attribute(
                                        TunnelAttributesDecoder.IFLA_IPTUN_LOCAL, InetAddress.ofLiteral("192.0.2.1"))
                                .attribute(
                                        TunnelAttributesDecoder.IFLA_IPTUN_REMOTE,
                                        InetAddress.ofLiteral("203.0.113.1"))));
            }
            return message;
        }

        /** The interface as in an event of a wireless driver: rtnetlink_ifinfo_prep of net/wireless/wext-core.c. */
        public byte[] wirelessEvent() {
            return head(MessageType.RTM_NEWLINK, 0)
                    .attribute(LinkAttribute.IFLA_IFNAME, name)
                    .attribute(IFLA_WIRELESS, new byte[] {8, 0, 0x15, (byte) 0x8b, 0, 0, 0, 0})
                    .build(0);
        }

        /** The interface as a port in a message of its bridge. */
        public byte[] bridgePort() {
            return head(MessageType.RTM_NEWLINK, AF_BRIDGE)
                    .attribute(LinkAttribute.IFLA_IFNAME, name)
                    .attribute(LinkAttribute.IFLA_MTU, 9)
                    .build(0);
        }
    }

    public static byte[] address(boolean added, int ifindex, InetAddress address) {
        return address(added, ifindex, AddressFamily.of(address).number, address.getAddress());
    }

    /** An address of a family that does not concern tunnels, with one byte. */
    public static byte[] mctpAddress(int ifindex) {
        return address(true, ifindex, AF_MCTP, new byte[] {9});
    }

    /** An IPv4 address with three bytes. */
    public static byte[] brokenAddress(int ifindex) {
        return address(true, ifindex, AddressFamily.IPV4.number, new byte[] {1, 2, 3});
    }

    private static byte[] address(boolean added, int ifindex, int family, byte[] address) {
        return new MessageBuilder(added ? MessageType.RTM_NEWADDR : MessageType.RTM_DELADDR, 0)
                .u8(family)
                .u8(address.length * Byte.SIZE)
                .u8(0)
                .u8(0)
                .u32(ifindex)
                .attribute(Address.IFA_LOCAL, address)
                .build(0);
    }

    /** An IPv4 route in the main table. */
    public static byte[] route(boolean added, int ifindex, InetAddress destination, int length, int protocol) {
        return route(
                added ? MessageType.RTM_NEWROUTE : MessageType.RTM_DELROUTE, 0, ifindex, destination, length, protocol);
    }

    /** An IPv4 route in the main table that replaces another. */
    public static byte[] replacement(int ifindex, InetAddress destination, int length, int protocol) {
        return route(MessageType.RTM_NEWROUTE, NetlinkMessage.NLM_F_REPLACE, ifindex, destination, length, protocol);
    }

    private static byte[] route(
            MessageType type, int flags, int ifindex, InetAddress destination, int length, int protocol) {
        return new MessageBuilder(type, flags)
                .u8(AddressFamily.IPV4.number)
                .u8(length)
                .u16(0)
                .u8(254)
                .u8(protocol)
                .u8(0)
                .u8(1)
                .u32(0)
                .attribute(RouteAttribute.RTA_DST, destination)
                .attribute(RouteAttribute.RTA_OIF, ifindex)
                .build(0);
    }

    /** What NetlinkWatch makes of a datagram. */
    public static Notification notification(byte[] datagram) {
        return new NetlinkWatch(new ScriptedTransport().notifying(datagram))
                .next(Duration.ZERO)
                .orElseThrow();
    }

    public SimulatedRtnetlink with(Interface... all) {
        for (Interface one : all) {
            interfaces.put(one.index(), one);
        }
        return this;
    }

    /** The links as rtnetlink decodes them. */
    public List<Link> links() {
        return interfaces.values().stream()
                .map(Interface::message)
                .map(message -> LinkDecoder.decode(NetlinkMessage.split(message).getFirst()))
                .toList();
    }

    /** The next request for addresses is refused. */
    public void failAddresses() {
        failing.add(MessageType.RTM_GETADDR);
    }

    /** The next request for routes, or for one, is refused. */
    public void failRoutes() {
        failing.add(MessageType.RTM_GETROUTE);
    }

    @Override
    public void send(byte[] datagram) {
        ByteBuffer request = ByteBuffer.wrap(datagram).order(ByteOrder.nativeOrder());
        int sequence = request.getInt(8);
        MessageType type = Arrays.stream(MessageType.values())
                .filter(known -> known.number == request.getShort(4))
                .findFirst()
                .orElseThrow();
        boolean dump = (request.getShort(6) & NetlinkMessage.NLM_F_DUMP) == NetlinkMessage.NLM_F_DUMP;
        if (failing.remove(type)) {
            answer(error(Errno.ENOBUFS), sequence);
            return;
        }
        NetlinkMessage message = NetlinkMessage.split(datagram).getFirst();
        if (dump) {
            dump(type, message).forEach(one -> answer(one, sequence));
            answer(head(NetlinkMessage.NLMSG_DONE, 0), sequence);
        } else {
            answer(get(type, message), sequence);
        }
    }

    private List<byte[]> dump(MessageType type, NetlinkMessage request) {
        return switch (type) {
            case RTM_GETLINK ->
                interfaces.values().stream().map(Interface::message).toList();
            case RTM_GETADDR -> {
                int index = request.payload().getInt(4);
                List<byte[]> found = new ArrayList<>(index == 0 ? strangeAddresses : List.of());
                addresses.forEach((of, all) -> {
                    if (index == 0 || index == of) {
                        all.forEach(address -> found.add(address(true, of, address)));
                    }
                });
                yield found;
            }
            case RTM_GETROUTE -> routes;
            default -> List.of();
        };
    }

    private byte[] get(MessageType type, NetlinkMessage request) {
        if (type != MessageType.RTM_GETLINK) {
            return error(Errno.ENETUNREACH);
        }
        int index = request.payload().getInt(4);
        Optional<Interface> found = index != 0
                ? Optional.ofNullable(interfaces.get(index))
                : name(request).flatMap(name -> interfaces.values().stream()
                        .filter(one -> one.name().equals(name)
                                || one.alternativeNames().contains(name))
                        .findFirst());
        return found.map(Interface::message).orElseGet(() -> error(Errno.ENODEV));
    }

    private static Optional<String> name(NetlinkMessage request) {
        AttributeReader reader = request.attributes(LinkDecoder.IFINFOMSG);
        while (reader.next()) {
            if (reader.type() == LinkAttribute.IFLA_IFNAME || reader.type() == LinkAttribute.IFLA_ALT_IFNAME) {
                return Optional.of(reader.string());
            }
        }
        return Optional.empty();
    }

    private static byte[] error(Errno errno) {
        return head(NetlinkMessage.NLMSG_ERROR, -errno.number());
    }

    private static byte[] head(int type, int code) {
        return ByteBuffer.allocate(20)
                .order(ByteOrder.nativeOrder())
                .putInt(20)
                .putShort((short) type)
                .putShort((short) 0)
                .putInt(0)
                .putInt(0)
                .putInt(code)
                .array();
    }

    private void answer(byte[] message, int sequence) {
        byte[] copy = Objects.requireNonNull(message).clone();
        ByteBuffer.wrap(copy).order(ByteOrder.nativeOrder()).putInt(8, sequence);
        answers.add(copy);
    }

    @Override
    public Optional<byte[]> receive(Duration timeout) {
        return Optional.ofNullable(answers.poll());
    }

    @Override
    public int portId() {
        return 0;
    }

    @Override
    public void close() {}

    /** An IPv6 address that ends with the number. */
    public static InetAddress ip6(int number) {
        InetAddress address = InetAddress.ofLiteral("2001:db8::" + Integer.toHexString(number));
        return (Inet6Address) address;
    }
}
