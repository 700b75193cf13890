package dev.iptunnel.tunnel;

/** The mode of a tunnel, by its name in ip-tunnel(8): which protocol travels inside which. */
public enum TunnelMode {
    /** IPv4 in IPv4 (RFC 2003). */
    IPIP,
    /** IPv6 in IPv4 (RFC 4213). */
    SIT,
    /** IPv6 in IPv6 (RFC 2473). */
    IP6IP6,
    /** IPv4 in IPv6 (RFC 2473). */
    IPIP6
}
