package dev.iptunnel.diagnosis;

import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.TunnelDriver;
import dev.iptunnel.tunnel.TunnelParameters;

/** The protocol numbers of the outer packets, which a packet filter has to let through. */
final class TunnelProtocols {
    /** IPv4 in IP, RFC 2003. */
    static final int IPV4 = 4;
    /** IPv6 in IP, RFC 2473 and RFC 4213. */
    static final int IPV6 = 41;

    private TunnelProtocols() {}

    /** Whether the tunnel carries IPv4. Without a protocol, ipip carries only IPv4, and the other drivers carry both. */
    static boolean carryIpv4(TunnelParameters tunnel) {
        return tunnel.protocol() != IPV6;
    }

    /** Whether the tunnel carries IPv6. */
    static boolean carryIpv6(TunnelParameters tunnel) {
        return tunnel.protocol() == IPV6 || (tunnel.protocol() == 0 && tunnel.driver() != TunnelDriver.IPIP);
    }

    /** For a message. */
    static String of(TunnelParameters tunnel) {
        if (carryIpv4(tunnel) && carryIpv6(tunnel)) {
            return IPV4 + " or " + IPV6;
        }
        return Integer.toString(carryIpv4(tunnel) ? IPV4 : IPV6);
    }

    /** As a filter of tcpdump(8). */
    static String capture(TunnelParameters tunnel) {
        String family = tunnel.driver().outer() == IpFamily.IPV4 ? "ip" : "ip6";
        return family + " proto " + of(tunnel).replace(" or ", " or " + family + " proto ");
    }
}
