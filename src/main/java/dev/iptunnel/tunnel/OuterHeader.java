package dev.iptunnel.tunnel;

import java.util.OptionalInt;

/**
 * The fields of the outer header that an IpTunnel sets, besides the addresses.
 *
 * @param ttl TTL or hop limit, 1 to 255; 0 = copied from the inner packet
 * @param dscp 0 to 63 (RFC 2474); empty = copied from the inner packet
 * @param pathMtuDiscovery whether outer IPv4 packets carry DF; true with IPv6
 * @param encapsulationLimit the option of RFC 2473, 0 to 255; empty = none, as always with IPv4
 * @param flowLabel of outer IPv6 packets, 0 to 0xfffff; empty = copied from the inner packet, 0 with IPv4
 */
public record OuterHeader(
        int ttl, OptionalInt dscp, boolean pathMtuDiscovery, OptionalInt encapsulationLimit, OptionalInt flowLabel) {
    private static final int ECN_BITS = 2;

    /** The header of an IpTunnel that sets none of these fields. */
    public static final OuterHeader DEFAULT =
            new OuterHeader(64, OptionalInt.of(0), true, OptionalInt.empty(), OptionalInt.of(0));

    /** The DSCP of a TOS or traffic class; empty if that is copied from the inner packet. */
    public static OptionalInt dscp(OptionalInt tos) {
        return tos.isPresent() ? OptionalInt.of(tos.getAsInt() >> ECN_BITS) : OptionalInt.empty();
    }

    /** The TOS or traffic class: the DSCP without ECN bits, which the kernel sets. */
    OptionalInt tos() {
        return dscp.isPresent() ? OptionalInt.of(dscp.getAsInt() << ECN_BITS) : OptionalInt.empty();
    }
}
