package dev.iptunnel.tunnel;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The parameters of a tunnel in its driver: the fields of {@code struct ip_tunnel_parm} and {@code struct ip6_tnl_parm2}
 * ({@code linux/if_tunnel.h}, {@code linux/ip6_tunnel.h}) that the project knows.
 *
 * @param protocol the inner IP protocol: 4, 41, or 0 if the tunnel carries both
 * @param local the outer source; unspecified = any
 * @param remote the outer destination; unspecified = any
 * @param parent the ifindex that the tunnel is bound to; 0 = none
 * @param ttl the outer TTL or hop limit; 0 = inherit
 * @param tos the outer TOS or traffic class; empty = copied from the inner packet
 * @param pathMtuDiscovery whether outer IPv4 packets carry DF; always true with IPv6
 * @param encapsulationLimit the option of RFC 2473; empty = none, as always with IPv4
 * @param flowLabel of outer IPv6 packets; empty = copied from the inner packet, always 0 with IPv4
 */
public record TunnelParameters(
        TunnelDriver driver,
        int protocol,
        InetAddress local,
        InetAddress remote,
        int parent,
        int ttl,
        OptionalInt tos,
        boolean pathMtuDiscovery,
        OptionalInt encapsulationLimit,
        OptionalInt flowLabel) {

    public Endpoints endpoints() {
        return new Endpoints(driver, local, remote, parent);
    }

    /** The same parameters with another local address. */
    public TunnelParameters withLocal(InetAddress other) {
        return new TunnelParameters(
                driver, protocol, other, remote, parent, ttl, tos, pathMtuDiscovery, encapsulationLimit, flowLabel);
    }

    /**
     * Whether it is the fallback device of a driver, which gets the packets that no other tunnel takes: no endpoint, no
     * parent.
     */
    public boolean isFallback() {
        return local.isAnyLocalAddress() && remote.isAnyLocalAddress() && parent == 0;
    }

    /**
     * Whether outer packets leave by the parent, whatever routes other interfaces have. IPv6 prefers the parent only among
     * routes with the same prefix, unless the packets have no source yet ({@code RT6_LOOKUP_F_IFACE} of net/ip6_route.h).
     */
    public boolean isBoundToParent() {
        return parent != 0 && (driver.outer() == IpFamily.IPV4 || local.isAnyLocalAddress());
    }

    /**
     * Why {@code SIOCCHGTUNNEL} cannot change this tunnel into the other; empty if it can. ip6_tunnel changes everything.
     * ipip and sit change neither the protocol nor a remote address to any or back.
     */
    public Optional<String> obstacleTo(TunnelParameters other) {
        if (driver == other.driver && driver == TunnelDriver.IP6TNL) {
            return Optional.empty();
        }
        if (driver != other.driver || protocol != other.protocol) {
            return Optional.of("no driver can change mode " + modeText() + " to " + other.modeText() + " in place");
        }
        return remote.isAnyLocalAddress() == other.remote.isAnyLocalAddress()
                ? Optional.empty()
                : Optional.of(driver.kind() + " cannot change the remote between an address and any in place");
    }

    /** The fields that differ from the wanted ones, for example {@code remote 192.0.2.1, not 192.0.2.2}. */
    public List<String> differences(TunnelParameters wanted) {
        List<String> differences = new ArrayList<>();
        compare(differences, "mode", modeText(), wanted.modeText());
        compare(differences, "local", IpFamily.formatEndpoint(local), IpFamily.formatEndpoint(wanted.local));
        compare(differences, "remote", IpFamily.formatEndpoint(remote), IpFamily.formatEndpoint(wanted.remote));
        compare(
                differences,
                "parent ifindex",
                parent == 0 ? "none" : parent,
                wanted.parent == 0 ? "none" : wanted.parent);
        compare(differences, "ttl", ttl == 0 ? "inherit" : ttl, wanted.ttl == 0 ? "inherit" : wanted.ttl);
        compare(differences, "dscp", dscp(tos), dscp(wanted.tos));
        compare(differences, "path MTU discovery", pathMtuDiscovery, wanted.pathMtuDiscovery);
        compare(
                differences,
                "encapsulation limit",
                text(encapsulationLimit, "none"),
                text(wanted.encapsulationLimit, "none"));
        compare(differences, "flow label", text(flowLabel, "inherit"), text(wanted.flowLabel, "inherit"));
        return List.copyOf(differences);
    }

    private static void compare(List<String> differences, String field, Object observed, Object wanted) {
        if (!observed.equals(wanted)) {
            differences.add(field + " " + observed + ", not " + wanted);
        }
    }

    /** The upper six bits of the TOS. The kernel sets the lower two (RFC 3168), but others may have set them as well. */
    private static String dscp(OptionalInt tos) {
        if (tos.isEmpty()) {
            return "inherit";
        }
        int ecn = tos.getAsInt() & 3;
        return (tos.getAsInt() >> 2) + (ecn == 0 ? "" : " with ECN bits " + ecn);
    }

    private String modeText() {
        return TunnelMode.of(driver, protocol)
                .map(TunnelMode::toString)
                .orElse((protocol == 0 ? "any" : "of protocol " + protocol) + " (" + driver.kind() + ")");
    }

    private static String text(OptionalInt value, String absent) {
        return value.isPresent() ? Integer.toString(value.getAsInt()) : absent;
    }
}
