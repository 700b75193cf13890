package dev.iptunnel.kernel;

import dev.iptunnel.netlink.Address;
import dev.iptunnel.netlink.Ip4TunnelInfo;
import dev.iptunnel.netlink.Ip6TunnelInfo;
import dev.iptunnel.netlink.Link;
import dev.iptunnel.netlink.TunnelInfo;
import dev.iptunnel.tunnel.IpPrefix;
import dev.iptunnel.tunnel.ObservedLink;
import dev.iptunnel.tunnel.ObservedLink.ObservedAddress;
import dev.iptunnel.tunnel.TunnelDriver;
import dev.iptunnel.tunnel.TunnelParameters;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** The planner's view of what rtnetlink tells. */
final class ObservedLinks {
    /** {@code IFA_PROTO} of our addresses: a number that neither the kernel nor rt_protos of iproute2 uses. */
    static final int ADDRESS_PROTOCOL = 84;

    private static final int IP6_TNL_F_IGN_ENCAP_LIMIT = 0x1;
    private static final int IP6_TNL_F_USE_ORIG_TCLASS = 0x2;
    private static final int IP6_TNL_F_USE_ORIG_FLOWLABEL = 0x4;
    /** Flags above these are the kernel's own. */
    private static final int IP6_TNL_F_SETTABLE = 0x7f;

    private static final int FLOW_LABEL_MASK = 0xfffff;
    private static final int SIT_ISATAP = 0x1;

    private ObservedLinks() {}

    static ObservedLink of(Link link, List<Address> addresses) {
        Optional<TunnelDriver> driver = link.kind().flatMap(TunnelDriver::ofKind);
        return new ObservedLink(
                link.index(),
                link.name(),
                link.alias().orElse(""),
                link.up(),
                link.operState().name(),
                link.mtu(),
                driver.flatMap(known -> link.tunnel().map(info -> parameters(known, info))),
                link.tunnel().map(ObservedLinks::unmanaged).orElse(List.of()),
                addresses.stream().map(ObservedLinks::address).toList());
    }

    private static ObservedAddress address(Address address) {
        boolean ours = address.protocol().equals(OptionalInt.of(ADDRESS_PROTOCOL));
        return new ObservedAddress(new IpPrefix(address.address(), address.prefixLength()), ours);
    }

    private static TunnelParameters parameters(TunnelDriver driver, TunnelInfo info) {
        return switch (info) {
            case Ip4TunnelInfo ip4 ->
                new TunnelParameters(
                        driver,
                        ip4.protocol(),
                        ip4.local(),
                        ip4.remote(),
                        ip4.link(),
                        ip4.ttl(),
                        ip4.tos(),
                        ip4.pathMtuDiscovery(),
                        OptionalInt.empty(),
                        0);
            case Ip6TunnelInfo ip6 ->
                new TunnelParameters(
                        driver,
                        ip6.protocol(),
                        ip6.local(),
                        ip6.remote(),
                        ip6.link(),
                        ip6.ttl(),
                        ip6.flowinfo() >> 20 & 0xff,
                        true,
                        (ip6.flags() & IP6_TNL_F_IGN_ENCAP_LIMIT) != 0
                                ? OptionalInt.empty()
                                : OptionalInt.of(ip6.encapLimit()),
                        ip6.flowinfo() & FLOW_LABEL_MASK);
        };
    }

    /** What an IpTunnel cannot say, in the words of ip-link(8). */
    private static List<String> unmanaged(TunnelInfo info) {
        List<String> settings = new ArrayList<>();
        if (info.collectMetadata()) {
            settings.add("external");
        }
        if (info.fwmark() != 0) {
            settings.add("fwmark 0x" + Integer.toHexString(info.fwmark()));
        }
        if (!info.encapsulation().isNone()) {
            settings.add("encap type " + info.encapsulation().type());
        }
        switch (info) {
            case Ip4TunnelInfo ip4 -> {
                if ((ip4.flags() & SIT_ISATAP) != 0) {
                    settings.add("isatap");
                }
                if (ip4.sixRd().filter(sixRd -> !sixRd.isDefault()).isPresent()) {
                    settings.add("6rd");
                }
            }
            case Ip6TunnelInfo ip6 -> {
                if ((ip6.flags() & IP6_TNL_F_USE_ORIG_TCLASS) != 0) {
                    settings.add("tclass inherit");
                }
                if ((ip6.flags() & IP6_TNL_F_USE_ORIG_FLOWLABEL) != 0) {
                    settings.add("flowlabel inherit");
                }
                int others = ip6.flags()
                        & IP6_TNL_F_SETTABLE
                        & ~(IP6_TNL_F_IGN_ENCAP_LIMIT | IP6_TNL_F_USE_ORIG_TCLASS | IP6_TNL_F_USE_ORIG_FLOWLABEL);
                if (others != 0) {
                    settings.add("flags 0x" + Integer.toHexString(others));
                }
            }
        }
        return settings;
    }
}
