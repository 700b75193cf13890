package dev.iptunnel.tunnel;

import java.util.OptionalInt;

/**
 * What an IpTunnel says of the outer header, beside its addresses.
 *
 * @param ttl TTL or hop limit, 1 to 255; 0 = copied from the inner packet
 * @param dscp 0 to 63 (RFC 2474); empty = copied from the inner packet
 * @param pathMtuDiscovery whether outer IPv4 packets carry DF; true with IPv6
 * @param encapsulationLimit RFC 2473's option, 0 to 255; empty = none, and always so with IPv4
 * @param flowLabel of outer IPv6 packets, 0 to 0xfffff; empty = copied from the inner packet, 0 with IPv4
 */
public record OuterHeader(
        int ttl, OptionalInt dscp, boolean pathMtuDiscovery, OptionalInt encapsulationLimit, OptionalInt flowLabel) {
    private static final int ECN_BITS = 2;

    /** What an IpTunnel gets that says nothing of it. */
    public static final OuterHeader DEFAULT =
            new OuterHeader(64, OptionalInt.of(0), true, OptionalInt.empty(), OptionalInt.of(0));

    /** The TOS or traffic class: DSCP and no ECN bits, which the kernel owns. */
    OptionalInt tos() {
        return dscp.isPresent() ? OptionalInt.of(dscp.getAsInt() << ECN_BITS) : OptionalInt.empty();
    }
}
