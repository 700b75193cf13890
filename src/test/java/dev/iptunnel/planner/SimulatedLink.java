package dev.iptunnel.planner;

import dev.iptunnel.errno.Errno;
import dev.iptunnel.observation.Inet6Setting;
import dev.iptunnel.observation.InetSettings;
import dev.iptunnel.observation.ObservedAddress;
import dev.iptunnel.observation.ObservedAddress.AddressFlag;
import dev.iptunnel.observation.ObservedLink;
import dev.iptunnel.observation.ObservedRoute;
import dev.iptunnel.observation.RouteDetails;
import dev.iptunnel.plan.Operation;
import dev.iptunnel.plan.Operation.AddAddress;
import dev.iptunnel.plan.Operation.AddRoute;
import dev.iptunnel.plan.Operation.ChangeTunnel;
import dev.iptunnel.plan.Operation.ClearInet6Conf;
import dev.iptunnel.plan.Operation.DeleteAddress;
import dev.iptunnel.plan.Operation.DeleteRoute;
import dev.iptunnel.plan.Operation.RenameLink;
import dev.iptunnel.plan.Operation.SetInetConf;
import dev.iptunnel.plan.Operation.SetLink;
import dev.iptunnel.tunnel.InnerAddress;
import dev.iptunnel.tunnel.InnerRoute;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.IpPrefix;
import dev.iptunnel.tunnel.TunnelDriver;
import dev.iptunnel.tunnel.TunnelMode;
import dev.iptunnel.tunnel.TunnelParameters;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * An interface of the model, with the state that rtnetlink does not report.
 *
 * @param promotes {@code promote_secondaries}
 * @param ipv6Mtu the MTU that IPv6 uses; a notification changes it, and a change of a tunnel sends none
 */
record SimulatedLink(ObservedLink seen, int ipv6Mtu, boolean promotes) {

    /** {@code SIOCCHGTUNNEL}: ip6_tunnel always derives the MTU again, ipip and sit only with a new parent. */
    SimulatedLink change(ChangeTunnel change, int derivedMtu) {
        TunnelParameters before = seen.tunnel().orElseThrow(() -> new SimulatedRefusal(change, Errno.EOPNOTSUPP));
        TunnelParameters after = change.parameters();
        if (before.obstacleTo(after).isPresent()) {
            throw new SimulatedRefusal(change, Errno.EINVAL);
        }
        boolean derives = after.driver() == TunnelDriver.IP6TNL || before.parent() != after.parent();
        return new SimulatedLink(
                seen.toBuilder()
                        .mtu(derives ? derivedMtu : seen.mtu())
                        .tunnel(Optional.of(after))
                        .unmanaged(seen.unmanaged().stream()
                                .filter(setting -> !setting.clearedByChange())
                                .toList())
                        .build(),
                ipv6Mtu,
                promotes);
    }

    /** {@code RTM_SETLINK}: a link that is set down loses its IPv6 addresses. */
    SimulatedLink set(SetLink set) {
        int mtu = set.mtu().orElse(seen.mtu());
        boolean up = set.up().orElse(seen.up());
        TunnelParameters tunnel = seen.tunnel().orElseThrow(() -> new SimulatedRefusal(set, Errno.EOPNOTSUPP));
        if (mtu < minimum(tunnel) || mtu > maximum(tunnel)) {
            throw new SimulatedRefusal(set, Errno.EINVAL);
        }
        List<ObservedAddress> addresses = seen.addresses().stream()
                .filter(address -> up || !seen.up() || isIpv4(address.prefix()))
                .toList();
        return new SimulatedLink(
                seen.toBuilder()
                        .alias(set.alias().orElse(seen.alias()))
                        .up(up)
                        .operState(up ? "UNKNOWN" : "DOWN")
                        .mtu(mtu)
                        .addresses(addresses)
                        .routes(up ? seen.routes() : List.of())
                        .group(set.endsBirth() ? 0 : seen.group())
                        .build(),
                mtu == seen.mtu() ? ipv6Mtu : mtu,
                promotes);
    }

    SimulatedLink rename(RenameLink rename, boolean whileUp) {
        if (seen.up() && !whileUp) {
            throw new SimulatedRefusal(rename, Errno.EBUSY);
        }
        return new SimulatedLink(seen.toBuilder().name(rename.newName()).build(), ipv6Mtu, promotes);
    }

    SimulatedLink set(Operation.SetMaster set) {
        if (seen.up()) {
            throw new IllegalStateException("the kernel takes " + seen.name() + " down and up");
        }
        return new SimulatedLink(
                seen.toBuilder().master(Optional.of(set.master())).build(), ipv6Mtu, promotes);
    }

    SimulatedLink set(SetInetConf set) {
        return switch (set.setting()) {
            case RP_FILTER -> with(OptionalInt.of(set.value()), seen.addresses(), seen.routes());
            case PROMOTE_SECONDARIES -> new SimulatedLink(seen, ipv6Mtu, set.value() != 0);
        };
    }

    SimulatedLink clear(ClearInet6Conf clear) {
        Set<Inet6Setting> left = seen.settings().trusting().stream()
                .filter(setting -> setting != clear.setting())
                .collect(Collectors.toSet());
        return new SimulatedLink(trusting(seen, left), ipv6Mtu, promotes);
    }

    /** The same link with exactly these settings that allow the other end to change the node. */
    static ObservedLink trusting(ObservedLink link, Set<Inet6Setting> settings) {
        return link.toBuilder()
                .settings(new InetSettings(
                        link.settings().reversePathFilterOfAll(),
                        link.settings().ipv6Disabled(),
                        settings.contains(Inet6Setting.ACCEPT_RA),
                        settings))
                .build();
    }

    SimulatedLink add(AddRoute add) {
        if (!seen.up()) {
            throw new SimulatedRefusal(add, Errno.ENETDOWN);
        }
        return with(
                seen.reversePathFilter(),
                seen.addresses(),
                Stream.concat(
                                seen.routes().stream(),
                                Stream.of(new ObservedRoute(inKernel(add.route()), 173, true, RouteDetails.PLAIN)))
                        .toList());
    }

    private static InnerRoute inKernel(InnerRoute route) {
        return new InnerRoute(route.destination(), route.gateway(), route.table(), route.kernelMetric());
    }

    SimulatedLink delete(DeleteRoute delete) {
        List<ObservedRoute> left = seen.routes().stream()
                .filter(route -> !(route.ours() && route.route().equalsInKernel(delete.route())))
                .toList();
        if (left.size() == seen.routes().size()) {
            throw new SimulatedRefusal(delete, Errno.ESRCH);
        }
        return with(seen.reversePathFilter(), seen.addresses(), left);
    }

    SimulatedLink add(AddAddress add, boolean ipv6Disabled) {
        if (ipv6Disabled && !isIpv4(add.address().prefix())) {
            throw new SimulatedRefusal(add, Errno.EACCES);
        }
        boolean ipv4 = isIpv4(add.address().prefix());
        boolean taken = seen.addresses().stream()
                .anyMatch(address ->
                        address.prefix().address().equals(add.address().address())
                                && (!ipv4
                                        || address.address()
                                                .network()
                                                .equals(add.address().network())));
        if (taken) {
            throw new SimulatedRefusal(add, Errno.EEXIST);
        }
        boolean secondary = ipv4 && subnet(add.address()).findAny().isPresent();
        return withAddresses(Stream.concat(
                        seen.addresses().stream(),
                        Stream.of(new ObservedAddress(
                                add.address().prefix(),
                                add.address().peer(),
                                true,
                                secondary ? Set.of(AddressFlag.SECONDARY) : Set.of())))
                .toList());
    }

    private Stream<ObservedAddress> subnet(InnerAddress with) {
        return seen.addresses().stream()
                .filter(address -> address.address().network().equals(with.network()));
    }

    /**
     * {@code RTM_DELADDR}: the secondary addresses of a primary IPv4 address are removed with it, unless they are promoted.
     */
    SimulatedLink delete(DeleteAddress delete) {
        ObservedAddress address = seen.addresses().stream()
                .filter(any -> any.address().equals(delete.address()))
                .findFirst()
                .orElseThrow(() -> new SimulatedRefusal(delete, Errno.EADDRNOTAVAIL));
        return deleted(address).withoutRoutesOfNoAddress(isIpv4(address.prefix()));
    }

    /** All IPv4 routes, also those of others, are removed with the last IPv4 address. */
    private SimulatedLink withoutRoutesOfNoAddress(boolean ipv4) {
        return ipv4 && seen.addresses().stream().noneMatch(any -> isIpv4(any.prefix()))
                ? with(
                        seen.reversePathFilter(),
                        seen.addresses(),
                        seen.routes().stream()
                                .filter(route -> !isIpv4(route.route().destination()))
                                .toList())
                : this;
    }

    private SimulatedLink deleted(ObservedAddress address) {
        boolean primary = isIpv4(address.prefix()) && !address.flags().contains(AddressFlag.SECONDARY);
        List<ObservedAddress> subnet = subnet(address.address()).toList();
        Stream<ObservedAddress> left = seen.addresses().stream().filter(any -> !any.equals(address));
        if (!primary) {
            return withAddresses(left.toList());
        }
        return withAddresses(
                promotes
                        ? left.map(any -> subnet.size() > 1 && any.equals(subnet.get(1)) ? promoted(any) : any)
                                .toList()
                        : left.filter(any -> !subnet.contains(any)).toList());
    }

    private static ObservedAddress promoted(ObservedAddress address) {
        return new ObservedAddress(address.prefix(), address.peer(), address.ours(), Set.of());
    }

    SimulatedLink withAddresses(List<ObservedAddress> addresses) {
        return with(seen.reversePathFilter(), addresses, seen.routes());
    }

    private SimulatedLink with(
            OptionalInt reversePathFilter, List<ObservedAddress> addresses, List<ObservedRoute> routes) {
        return new SimulatedLink(
                seen.toBuilder()
                        .reversePathFilter(reversePathFilter)
                        .addresses(addresses)
                        .routes(routes)
                        .build(),
                ipv6Mtu,
                promotes);
    }

    private static boolean isIpv4(IpPrefix prefix) {
        return IpFamily.of(prefix.address()) == IpFamily.IPV4;
    }

    private static int minimum(TunnelParameters tunnel) {
        return tunnel.protocol() == 41 ? 1280 : 68;
    }

    private static int maximum(TunnelParameters tunnel) {
        return switch (TunnelMode.of(tunnel.driver(), tunnel.protocol()).orElseThrow()) {
            case IPIP -> 65515;
            case SIT -> 65555;
            case IP6IP6 -> 65535;
            case IPIP6 -> 65495;
        };
    }
}
