package dev.iptunnel.kernel.read;

import dev.iptunnel.netlink.link.Encapsulation;
import dev.iptunnel.netlink.link.Ip4TunnelAttributes;
import dev.iptunnel.netlink.link.Ip6TunnelAttributes;
import dev.iptunnel.netlink.link.Link;
import dev.iptunnel.netlink.link.TunnelAttributes;
import dev.iptunnel.netlink.route.Address;
import dev.iptunnel.netlink.route.Route;
import dev.iptunnel.netlink.route.RouteAttribute;
import dev.iptunnel.observation.ObservedAddress;
import dev.iptunnel.observation.ObservedAddress.AddressFlag;
import dev.iptunnel.observation.ObservedLink;
import dev.iptunnel.observation.ObservedLink.UnmanagedSetting;
import dev.iptunnel.tunnel.IpPrefix;
import dev.iptunnel.tunnel.TunnelDriver;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Translates links and their addresses into the planner's terms. */
public final class ObservedLinks {
    /** {@code IP6_TNL_F_*} of {@code linux/ip6_tunnel.h} that no IpTunnel asks for, with the words of ip-link(8). */
    private static final Map<Integer, String> FLAGS = new TreeMap<>(Map.of(
            0x8, "mip6-dev (mip6)",
            0x10, "rcv-dscp-copy (dscp inherit)",
            0x20, "use-orig-fwmark (fwmark inherit)",
            0x40, "allow-local-remote (allow-localremote)"));

    /** {@code RTPROT_KEEPALIVED}, which keepalived also gives its addresses. */
    private static final int KEEPALIVED = 18;

    private static final int SIT_ISATAP = 0x1;

    private ObservedLinks() {}

    public static ObservedLink of(Link link, List<Address> addresses, List<Route> routes) {
        Optional<TunnelDriver> driver = link.kind().flatMap(TunnelDriver::ofKind);
        return ObservedLink.builder(link.index(), link.name())
                .alias(link.alias().orElse(""))
                .up(link.up())
                .operState(link.operState().name())
                .mtu(link.mtu())
                .reversePathFilter(link.reversePathFilter())
                .tunnel(driver.flatMap(
                        known -> link.tunnel().map(tunnel -> TunnelTranslation.parameters(known, tunnel))))
                .unmanaged(Stream.concat(
                                link.linkNetnsid().stream()
                                        .mapToObj(_ -> new UnmanagedSetting(
                                                "outer packets in another network namespace", false)),
                                link.tunnel().map(ObservedLinks::unmanaged).orElse(List.of()).stream())
                        .toList())
                .addresses(addresses.stream().map(ObservedLinks::address).toList())
                .routes(routes.stream().map(ObservedRoutes::of).toList())
                .group(link.group())
                .build();
    }

    /** Without addresses and routes. */
    public static ObservedLink of(Link link) {
        return of(link, List.of(), List.of());
    }

    private static ObservedAddress address(Address address) {
        Set<AddressFlag> flags = EnumSet.noneOf(AddressFlag.class);
        if (address.secondary()) {
            flags.add(AddressFlag.SECONDARY);
        }
        if (address.deprecated()) {
            flags.add(AddressFlag.DEPRECATED);
        }
        if (address.expires()) {
            flags.add(AddressFlag.EXPIRES);
        }
        if (address.tentative() || address.dadFailed()) {
            flags.add(AddressFlag.TENTATIVE);
        }
        if (address.scope() >= RouteAttribute.RT_SCOPE_LINK) {
            flags.add(AddressFlag.NOT_GLOBAL);
        }
        if (address.noPrefixRoute()) {
            flags.add(AddressFlag.NO_PREFIX_ROUTE);
        }
        if (address.protocol().equals(OptionalInt.of(KEEPALIVED))) {
            flags.add(AddressFlag.VIRTUAL);
        }
        boolean ours = address.protocol().equals(OptionalInt.of(ObservedRoutes.PROTOCOL));
        return new ObservedAddress(
                new IpPrefix(address.address(), address.prefixLength()),
                address.peer(),
                ours,
                flags,
                address.metric().stream().mapToLong(Integer::toUnsignedLong).findFirst());
    }

    private static String name(Encapsulation encapsulation) {
        return switch (encapsulation.type()) {
            case Encapsulation.FOU -> "fou";
            case Encapsulation.GUE -> "gue";
            default -> "type " + encapsulation.type();
        };
    }

    /** The settings that an IpTunnel cannot express, in the words of ip-link(8). */
    private static List<UnmanagedSetting> unmanaged(TunnelAttributes tunnel) {
        List<UnmanagedSetting> settings = new ArrayList<>();
        if (tunnel.collectMetadata()) {
            settings.add(new UnmanagedSetting("external", false));
        }
        if (tunnel.fwmark() != 0) {
            settings.add(new UnmanagedSetting("fwmark 0x" + Integer.toHexString(tunnel.fwmark()), true));
        }
        if (!tunnel.encapsulation().isNone()) {
            settings.add(new UnmanagedSetting("encap " + name(tunnel.encapsulation()), false));
        }
        switch (tunnel) {
            case Ip4TunnelAttributes ip4 -> {
                if ((ip4.flags() & SIT_ISATAP) != 0) {
                    settings.add(new UnmanagedSetting("isatap", false));
                }
                if (ip4.sixRd().filter(sixRd -> !sixRd.isDefault()).isPresent()) {
                    settings.add(new UnmanagedSetting("6rd", false));
                }
            }
            case Ip6TunnelAttributes ip6 ->
                FLAGS.forEach((flag, text) -> {
                    if ((ip6.flags() & flag) != 0) {
                        settings.add(new UnmanagedSetting(text, true));
                    }
                });
        }
        return settings;
    }
}
