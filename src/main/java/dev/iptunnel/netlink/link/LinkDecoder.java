package dev.iptunnel.netlink.link;

import dev.iptunnel.netlink.message.AddressFamily;
import dev.iptunnel.netlink.message.Attribute;
import dev.iptunnel.netlink.message.AttributeReader;
import dev.iptunnel.netlink.message.NetlinkException;
import dev.iptunnel.netlink.message.NetlinkMessage;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** RTM_NEWLINK and RTM_DELLINK: {@code struct ifinfomsg} and IFLA_* of {@code linux/if_link.h}. */
public final class LinkDecoder {
    /** family 0, type 2, index 4, flags 8, change 12. */
    public static final int IFINFOMSG = 16;

    private static final String VRF = "vrf";
    /** IFLA_VRF_TABLE of a VRF, and IFLA_VRF_PORT_TABLE of a port of one. */
    private static final int VRF_TABLE = 1;

    /** {@code DEVCONF_*} of {@code linux/ipv6.h}. */
    private static final int FORWARDING = 0;

    private static final int ACCEPT_RA = 3;
    private static final int ACCEPT_REDIRECTS = 4;
    private static final int DISABLE_IPV6 = 26;

    private Optional<String> name = Optional.empty();
    private final List<String> alternativeNames = new ArrayList<>();
    private OptionalInt mtu = OptionalInt.empty();
    private Optional<OperState> operState = Optional.empty();
    private boolean more;
    private OptionalInt parent = OptionalInt.empty();
    private OptionalInt linkNetnsid = OptionalInt.empty();
    private OptionalInt master = OptionalInt.empty();
    private int group;
    private Optional<String> alias = Optional.empty();
    private Optional<String> kind = Optional.empty();
    private Optional<TunnelAttributes> tunnel = Optional.empty();
    private OptionalInt reversePathFilter = OptionalInt.empty();
    private Optional<String> masterKind = Optional.empty();
    private OptionalInt vrfTable = OptionalInt.empty();
    private Inet6Settings inet6 = Inet6Settings.NONE;
    private final List<Attribute> unknown = new ArrayList<>();

    private LinkDecoder() {}

    /**
     * A whole link.
     *
     * @throws NetlinkException also where the message has only a part of the link
     */
    public static Link decode(NetlinkMessage message) {
        return decodeWhole(message)
                .orElseThrow(() -> NetlinkException.malformed("link message without name, MTU or state"));
    }

    /** Empty where the message has only a part of the link. */
    public static Optional<Link> decodeWhole(NetlinkMessage message) {
        LinkDecoder d = read(message);
        return d.isWhole() ? Optional.of(d.link(message.fixed(IFINFOMSG))) : Optional.empty();
    }

    /** What a message has that has only a part of the link. */
    public static PartialLink decodePart(NetlinkMessage message) {
        return read(message).part(message.fixed(IFINFOMSG));
    }

    private static LinkDecoder read(NetlinkMessage message) {
        return new LinkDecoder().read(message.attributes(IFINFOMSG));
    }

    /** A list has these of every link (rtnl_fill_ifinfo of net/core/rtnetlink.c); not every notification has them. */
    private boolean isWhole() {
        return name.isPresent() && mtu.isPresent() && operState.isPresent();
    }

    private PartialLink part(ByteBuffer fixed) {
        return new PartialLink(
                index(fixed), arphrdType(fixed), flags(fixed), name, mtu, operState, more || !unknown.isEmpty());
    }

    private static int index(ByteBuffer fixed) {
        return fixed.getInt(4);
    }

    private static int arphrdType(ByteBuffer fixed) {
        return Short.toUnsignedInt(fixed.getShort(2));
    }

    private static int flags(ByteBuffer fixed) {
        return fixed.getInt(8);
    }

    private Link link(ByteBuffer fixed) {
        return new Link(
                index(fixed),
                name.orElseThrow(),
                alternativeNames,
                arphrdType(fixed),
                flags(fixed),
                operState.orElseThrow(),
                mtu.orElseThrow(),
                parent,
                linkNetnsid,
                master,
                group,
                alias,
                kind,
                tunnel,
                reversePathFilter,
                masterKind,
                vrfTable,
                inet6,
                unknown);
    }

    /**
     * A bridge uses these messages, with a family of its own, for its ports. Only those of AF_UNSPEC are about the link
     * itself.
     */
    public static boolean isLink(NetlinkMessage message) {
        return message.fixed(IFINFOMSG).get(0) == 0;
    }

    private LinkDecoder read(AttributeReader reader) {
        while (reader.next()) {
            more |= isMore(reader.type());
            switch (reader.type()) {
                case LinkAttribute.IFLA_IFNAME -> name = Optional.of(reader.string());
                case LinkAttribute.IFLA_MTU -> mtu = OptionalInt.of(reader.u32());
                case LinkAttribute.IFLA_OPERSTATE -> operState = Optional.of(OperState.of(reader.u8()));
                case LinkAttribute.IFLA_LINK -> parent = index(reader.u32());
                case LinkAttribute.IFLA_LINK_NETNSID -> linkNetnsid = OptionalInt.of(reader.u32());
                case LinkAttribute.IFLA_MASTER -> master = index(reader.u32());
                case LinkAttribute.IFLA_GROUP -> group = reader.u32();
                case LinkAttribute.IFLA_IFALIAS -> alias = Optional.of(reader.string());
                case LinkAttribute.IFLA_LINKINFO -> readLinkInfo(reader.nested());
                case LinkAttribute.IFLA_AF_SPEC -> readFamilies(reader.nested());
                case LinkAttribute.IFLA_PROP_LIST -> readProperties(reader.nested());
                default -> keep(reader);
            }
        }
        return this;
    }

    /** Whether a {@link PartialLink} does not have it. */
    private static boolean isMore(int type) {
        return switch (type) {
            case LinkAttribute.IFLA_LINK,
                    LinkAttribute.IFLA_LINK_NETNSID,
                    LinkAttribute.IFLA_MASTER,
                    LinkAttribute.IFLA_GROUP,
                    LinkAttribute.IFLA_IFALIAS,
                    LinkAttribute.IFLA_LINKINFO,
                    LinkAttribute.IFLA_AF_SPEC,
                    LinkAttribute.IFLA_PROP_LIST -> true;
            default -> false;
        };
    }

    private void readProperties(AttributeReader reader) {
        while (reader.next()) {
            if (reader.type() == LinkAttribute.IFLA_ALT_IFNAME) {
                alternativeNames.add(reader.string());
            }
        }
    }

    /** The kernel sends the kind before the data, but does not guarantee that. */
    private void readLinkInfo(AttributeReader reader) {
        Optional<AttributeReader> data = Optional.empty();
        Optional<AttributeReader> portData = Optional.empty();
        while (reader.next()) {
            switch (reader.type()) {
                case LinkAttribute.IFLA_INFO_KIND -> kind = Optional.of(reader.string());
                case LinkAttribute.IFLA_INFO_DATA -> data = Optional.of(reader.nested());
                case LinkAttribute.IFLA_INFO_SLAVE_KIND -> masterKind = Optional.of(reader.string());
                case LinkAttribute.IFLA_INFO_SLAVE_DATA -> portData = Optional.of(reader.nested());
                default -> {} // statistics
            }
        }
        if (kind.isPresent() && data.isPresent()) {
            tunnel = TunnelAttributesDecoder.decode(kind.get(), data.get());
        }
        if (kind.equals(Optional.of(VRF))) {
            data.ifPresent(this::readVrfTable);
        } else if (masterKind.equals(Optional.of(VRF))) {
            portData.ifPresent(this::readVrfTable);
        }
    }

    private void readVrfTable(AttributeReader reader) {
        while (reader.next()) {
            if (reader.type() == VRF_TABLE) {
                vrfTable = OptionalInt.of(reader.u32());
            }
        }
    }

    /** Keeps a few settings of each family. The attribute has counters, too. */
    private void readFamilies(AttributeReader reader) {
        while (reader.next()) {
            if (reader.type() == AddressFamily.IPV4.number) {
                readInet(reader.nested());
            } else if (reader.type() == AddressFamily.IPV6.number) {
                readInet6(reader.nested());
            }
        }
    }

    private void readInet6(AttributeReader reader) {
        while (reader.next()) {
            if (reader.type() == LinkAttribute.IFLA_INET6_CONF
                    && reader.payload().limit() > DISABLE_IPV6 * Integer.BYTES) {
                ByteBuffer settings = reader.payload();
                inet6 = new Inet6Settings(
                        settings.getInt(DISABLE_IPV6 * Integer.BYTES) != 0,
                        settings.getInt(FORWARDING * Integer.BYTES) != 0,
                        settings.getInt(ACCEPT_RA * Integer.BYTES),
                        settings.getInt(ACCEPT_REDIRECTS * Integer.BYTES));
            }
        }
    }

    private void readInet(AttributeReader reader) {
        while (reader.next()) {
            if (reader.type() == LinkAttribute.IFLA_INET_CONF) {
                ByteBuffer settings = reader.payload();
                int offset = (InetConf.RP_FILTER.number - 1) * Integer.BYTES;
                if (settings.limit() >= offset + Integer.BYTES) {
                    reversePathFilter = OptionalInt.of(settings.getInt(offset));
                }
            }
        }
    }

    private void keep(AttributeReader reader) {
        if (!IgnoredLinkAttribute.isIgnored(reader.type())) {
            unknown.add(reader.copy());
        }
    }

    private static OptionalInt index(int index) {
        return index == 0 ? OptionalInt.empty() : OptionalInt.of(index);
    }
}
