package dev.iptunnel.tunnel;

import dev.iptunnel.netlink.Errno;
import dev.iptunnel.tunnel.ObservedLink.ObservedAddress;
import dev.iptunnel.tunnel.Operation.AddAddress;
import dev.iptunnel.tunnel.Operation.ChangeTunnel;
import dev.iptunnel.tunnel.Operation.DeleteAddress;
import dev.iptunnel.tunnel.Operation.SetLink;
import java.math.BigInteger;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * An interface of the model, with what rtnetlink does not tell.
 *
 * @param ipv6Mtu the MTU that IPv6 believes in; it learns of a new one by a notifier, which a changed tunnel does not call
 */
record SimulatedLink(ObservedLink seen, int ipv6Mtu) {

    /** {@code SIOCCHGTUNNEL}: ip6_tunnel always derives the MTU anew, ipip and sit only with a new parent. */
    SimulatedLink change(ChangeTunnel change, int derivedMtu) {
        TunnelParameters before = seen.tunnel().orElseThrow(() -> new SimulatedRefusal(change, Errno.EOPNOTSUPP));
        TunnelParameters after = change.parameters();
        if (!before.canBecome(after)) {
            throw new SimulatedRefusal(change, Errno.EINVAL);
        }
        boolean derives = after.driver() == TunnelDriver.IP6TNL || before.parent() != after.parent();
        return new SimulatedLink(
                of(seen.alias(), seen.up(), derives ? derivedMtu : seen.mtu(), after, seen.addresses()), ipv6Mtu);
    }

    /** {@code RTM_SETLINK}: taking a link down drops its IPv6 addresses. */
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
                of(set.alias().orElse(seen.alias()), up, mtu, tunnel, addresses), mtu == seen.mtu() ? ipv6Mtu : mtu);
    }

    SimulatedLink add(AddAddress add, boolean ipv6Disabled) {
        if (ipv6Disabled && !isIpv4(add.address())) {
            throw new SimulatedRefusal(add, Errno.EACCES);
        }
        if (seen.addresses().stream().anyMatch(address -> address.prefix().equals(add.address()))) {
            throw new SimulatedRefusal(add, Errno.EEXIST);
        }
        return withAddresses(
                Stream.concat(seen.addresses().stream(), Stream.of(new ObservedAddress(add.address(), true)))
                        .toList());
    }

    /** {@code RTM_DELADDR}: a primary IPv4 address takes its secondaries with it. */
    SimulatedLink delete(DeleteAddress delete) {
        List<IpPrefix> subnet = seen.addresses().stream()
                .map(ObservedAddress::prefix)
                .filter(prefix -> sameSubnet(prefix, delete.address()))
                .toList();
        if (!subnet.contains(delete.address())) {
            throw new SimulatedRefusal(delete, Errno.EADDRNOTAVAIL);
        }
        boolean primary = isIpv4(delete.address()) && subnet.getFirst().equals(delete.address());
        return withAddresses(seen.addresses().stream()
                .filter(address -> primary
                        ? !subnet.contains(address.prefix())
                        : !address.prefix().equals(delete.address()))
                .toList());
    }

    SimulatedLink withAddresses(List<ObservedAddress> addresses) {
        return new SimulatedLink(
                new ObservedLink(
                        seen.index(),
                        seen.name(),
                        seen.alias(),
                        seen.up(),
                        seen.operState(),
                        seen.mtu(),
                        seen.tunnel(),
                        seen.unmanaged(),
                        addresses),
                ipv6Mtu);
    }

    private ObservedLink of(
            String alias, boolean up, int mtu, TunnelParameters tunnel, List<ObservedAddress> addresses) {
        return new ObservedLink(
                seen.index(),
                seen.name(),
                alias,
                up,
                up ? "UNKNOWN" : "DOWN",
                mtu,
                Optional.of(tunnel),
                seen.unmanaged(),
                addresses);
    }

    private static boolean isIpv4(IpPrefix prefix) {
        return IpFamily.of(prefix.address()) == IpFamily.IPV4;
    }

    private static boolean sameSubnet(IpPrefix one, IpPrefix other) {
        return one.length() == other.length()
                && IpFamily.of(one.address()) == IpFamily.of(other.address())
                && network(one).equals(network(other));
    }

    private static BigInteger network(IpPrefix prefix) {
        int hostBits = IpFamily.of(prefix.address()).bits() - prefix.length();
        return new BigInteger(1, prefix.address().getAddress()).shiftRight(hostBits);
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
