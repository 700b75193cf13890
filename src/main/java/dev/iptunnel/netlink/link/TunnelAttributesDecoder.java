package dev.iptunnel.netlink.link;

import dev.iptunnel.netlink.message.Attribute;
import dev.iptunnel.netlink.message.AttributeReader;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** IFLA_IPTUN_* of {@code linux/if_tunnel.h}. Flags are 16 bits on IPv4, 32 bits on IPv6, both in host order. */
public final class TunnelAttributesDecoder {
    static final int IFLA_IPTUN_LINK = 1;
    public static final int IFLA_IPTUN_LOCAL = 2;
    public static final int IFLA_IPTUN_REMOTE = 3;
    static final int IFLA_IPTUN_TTL = 4;
    static final int IFLA_IPTUN_TOS = 5;
    static final int IFLA_IPTUN_ENCAP_LIMIT = 6;
    static final int IFLA_IPTUN_FLOWINFO = 7;
    static final int IFLA_IPTUN_FLAGS = 8;
    static final int IFLA_IPTUN_PROTO = 9;
    static final int IFLA_IPTUN_PMTUDISC = 10;
    private static final int IFLA_IPTUN_6RD_PREFIX = 11;
    private static final int IFLA_IPTUN_6RD_RELAY_PREFIX = 12;
    private static final int IFLA_IPTUN_6RD_PREFIXLEN = 13;
    private static final int IFLA_IPTUN_6RD_RELAY_PREFIXLEN = 14;
    private static final int IFLA_IPTUN_ENCAP_TYPE = 15;
    private static final int IFLA_IPTUN_ENCAP_FLAGS = 16;
    private static final int IFLA_IPTUN_ENCAP_SPORT = 17;
    private static final int IFLA_IPTUN_ENCAP_DPORT = 18;
    private static final int IFLA_IPTUN_COLLECT_METADATA = 19;
    static final int IFLA_IPTUN_FWMARK = 20;

    private static final Inet4Address ANY4 = (Inet4Address) any(4);
    private static final Inet6Address ANY6 = (Inet6Address) any(16);

    private final boolean ip6;
    private InetAddress local;
    private InetAddress remote;
    private int link;
    private int ttl;
    private int tos;
    private int encapLimit;
    private int flowinfo;
    private int flags;
    private int protocol;
    private boolean pathMtuDiscovery;
    private Optional<Inet6Address> prefix = Optional.empty();
    private int prefixLength;
    private Inet4Address relayPrefix = ANY4;
    private int relayPrefixLength;
    private int encapType;
    private int encapFlags;
    private int sourcePort;
    private int destinationPort;
    private boolean collectMetadata;
    private int fwmark;
    private final List<Attribute> unknown = new ArrayList<>();

    private TunnelAttributesDecoder(boolean ip6) {
        this.ip6 = ip6;
        local = ip6 ? ANY6 : ANY4;
        remote = local;
    }

    static Optional<TunnelAttributes> decode(String kind, AttributeReader data) {
        return switch (kind) {
            case "ipip", "sit" ->
                Optional.of(new TunnelAttributesDecoder(false).read(data).ip4());
            case "ip6tnl" ->
                Optional.of(new TunnelAttributesDecoder(true).read(data).ip6());
            default -> Optional.empty();
        };
    }

    private TunnelAttributesDecoder read(AttributeReader data) {
        while (data.next()) {
            switch (data.type()) {
                case IFLA_IPTUN_LINK -> link = data.u32();
                case IFLA_IPTUN_LOCAL -> local = ip6 ? data.inet6() : data.inet4();
                case IFLA_IPTUN_REMOTE -> remote = ip6 ? data.inet6() : data.inet4();
                case IFLA_IPTUN_TTL -> ttl = data.u8();
                case IFLA_IPTUN_TOS -> tos = data.u8();
                case IFLA_IPTUN_ENCAP_LIMIT -> encapLimit = data.u8();
                case IFLA_IPTUN_FLOWINFO -> flowinfo = data.u32BigEndian();
                case IFLA_IPTUN_FLAGS -> flags = ip6 ? data.u32() : data.u16();
                case IFLA_IPTUN_PROTO -> protocol = data.u8();
                case IFLA_IPTUN_PMTUDISC -> pathMtuDiscovery = data.u8() != 0;
                case IFLA_IPTUN_6RD_PREFIX -> prefix = Optional.of(data.inet6());
                case IFLA_IPTUN_6RD_RELAY_PREFIX -> relayPrefix = data.inet4();
                case IFLA_IPTUN_6RD_PREFIXLEN -> prefixLength = data.u16();
                case IFLA_IPTUN_6RD_RELAY_PREFIXLEN -> relayPrefixLength = data.u16();
                case IFLA_IPTUN_ENCAP_TYPE -> encapType = data.u16();
                case IFLA_IPTUN_ENCAP_FLAGS -> encapFlags = data.u16();
                case IFLA_IPTUN_ENCAP_SPORT -> sourcePort = data.u16BigEndian();
                case IFLA_IPTUN_ENCAP_DPORT -> destinationPort = data.u16BigEndian();
                case IFLA_IPTUN_COLLECT_METADATA -> collectMetadata = true;
                case IFLA_IPTUN_FWMARK -> fwmark = data.u32();
                default -> unknown.add(data.copy());
            }
        }
        return this;
    }

    private Ip4TunnelAttributes ip4() {
        return new Ip4TunnelAttributes(
                (Inet4Address) local,
                (Inet4Address) remote,
                link,
                ttl,
                tos,
                pathMtuDiscovery,
                protocol,
                flags,
                fwmark,
                encapsulation(),
                collectMetadata,
                prefix.map(p -> new SixRd(p, prefixLength, relayPrefix, relayPrefixLength)),
                unknown);
    }

    private Ip6TunnelAttributes ip6() {
        return new Ip6TunnelAttributes(
                (Inet6Address) local,
                (Inet6Address) remote,
                link,
                ttl,
                encapLimit,
                flowinfo,
                flags,
                protocol,
                fwmark,
                encapsulation(),
                collectMetadata,
                unknown);
    }

    private Encapsulation encapsulation() {
        return new Encapsulation(encapType, encapFlags, sourcePort, destinationPort);
    }

    private static InetAddress any(int length) {
        try {
            return InetAddress.getByAddress(new byte[length]);
        } catch (UnknownHostException e) {
            throw new AssertionError(e);
        }
    }
}
