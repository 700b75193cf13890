package dev.iptunnel.netlink.link;

import dev.iptunnel.netlink.message.Attribute;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;

/**
 * A network interface as in RTM_NEWLINK, see rtnetlink(7). Counters and queue settings are left out, so that traffic
 * does not make two links unequal.
 *
 * @param alternativeNames IFLA_ALT_IFNAME: further names, of up to 127 bytes, by which the kernel finds it
 * @param arphrdType {@code ARPHRD_*} of {@code linux/if_arp.h}: 768 ipip, 769 ip6tnl, 776 sit
 * @param flags {@code IFF_*}, see netdevice(7)
 * @param mtu in bytes
 * @param parent IFLA_LINK, an ifindex in the network namespace {@code linkNetnsid} where that is present. The interface
 *     may be gone
 * @param linkNetnsid the other network namespace that the parent is in (or, of a tunnel that was moved, the endpoints)
 * @param kind such as {@code ipip}, {@code sit}, {@code ip6tnl}, {@code dummy}; hardware has none
 * @param tunnel of the kinds {@code ipip}, {@code sit} and {@code ip6tnl}
 * @param reversePathFilter {@code net.ipv4.conf.X.rp_filter}: 0 off, 1 strict, 2 loose. The larger of this and of
 *     {@code all} counts. Absent where the interface cannot carry IPv4
 * @param masterKind of the interface that this one is a port of, {@code vrf}
 * @param vrfTable the routing table of the VRF that it is, or that it is a port of
 * @param inet6 its settings of IPv6
 * @param unknown attributes that this package neither decodes nor ignores, see {@link IgnoredLinkAttribute}
 */
public record Link(
        int index,
        String name,
        List<String> alternativeNames,
        int arphrdType,
        int flags,
        OperState operState,
        int mtu,
        OptionalInt parent,
        OptionalInt linkNetnsid,
        OptionalInt master,
        int group,
        Optional<String> alias,
        Optional<String> kind,
        Optional<TunnelAttributes> tunnel,
        OptionalInt reversePathFilter,
        Optional<String> masterKind,
        OptionalInt vrfTable,
        Inet6Settings inet6,
        List<Attribute> unknown) {
    public static final int IFF_UP = 0x1;

    public Link {
        alternativeNames = List.copyOf(alternativeNames);
        unknown = List.copyOf(unknown);
    }

    /** Whether the kernel finds it by this name. */
    public boolean isNamed(String wanted) {
        return name.equals(wanted) || alternativeNames.contains(wanted);
    }

    /** All names by which the kernel finds it, its own name first. */
    public Stream<String> names() {
        return Stream.concat(Stream.of(name), alternativeNames.stream());
    }

    /** Administratively up. */
    public boolean up() {
        return (flags & IFF_UP) != 0;
    }
}
