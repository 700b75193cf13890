package dev.iptunnel.diagnosis;

import dev.iptunnel.tunnel.TunnelParameters;

/** The protocol numbers of the outer packets, which a packet filter has to let through. */
final class TunnelProtocols {
    /** IPv4 in IP, RFC 2003. */
    static final int IPV4 = 4;
    /** IPv6 in IP, RFC 2473 and RFC 4213. */
    static final int IPV6 = 41;

    private TunnelProtocols() {}

    /** For a message. */
    static String of(TunnelParameters tunnel) {
        return tunnel.protocol() == 0 ? IPV4 + " or " + IPV6 : Integer.toString(tunnel.protocol());
    }
}
