package dev.iptunnel.tunnel;

import java.util.OptionalInt;

/** The arithmetic of a tunnel's MTU, in bytes. */
public final class TunnelMtu {
    private static final int ETHERNET = 1500;
    /** The longest IP packet; the MTU of the loopback interface is larger. */
    private static final int IP_MAXIMUM = 65535;

    private static final int IPV6_MINIMUM = 1280;
    private static final int IPV4_MINIMUM = 68;
    private static final int IPV4_HEADER = 20;
    private static final int IPV6_HEADER = 40;
    private static final int ENCAPSULATION_LIMIT_OPTION = 8;

    private TunnelMtu() {}

    /**
     * The MTU that the kernel would derive from an outer MTU: without the outer header, and at least the minimum of the
     * inner protocol. sit and ip6_tunnel use the minimum of IPv6 for both protocols.
     */
    public static int derived(TunnelParameters parameters, OptionalInt outerMtu) {
        int fitting = fitting(parameters, outerMtu);
        return Math.max(fitting, parameters.driver() == TunnelDriver.IPIP ? IPV4_MINIMUM : IPV6_MINIMUM);
    }

    /** The longest inner packet that fits through the outer MTU without fragmentation. */
    public static int fitting(TunnelParameters parameters, OptionalInt outerMtu) {
        int outer = Math.min(outerMtu.orElse(ETHERNET), IP_MAXIMUM);
        if (parameters.driver().outer() == IpFamily.IPV4) {
            return outer - IPV4_HEADER;
        }
        return outer - IPV6_HEADER - (parameters.encapsulationLimit().isPresent() ? ENCAPSULATION_LIMIT_OPTION : 0);
    }

    /** The smallest MTU that the kernel accepts. */
    public static int smallest(TunnelMode mode) {
        return mode.inner() == IpFamily.IPV6 ? IPV6_MINIMUM : IPV4_MINIMUM;
    }

    /** The largest MTU that the kernel accepts. */
    public static int largest(TunnelMode mode) {
        return switch (mode) {
            case IPIP -> 65515;
            case SIT -> 65555;
            case IP6IP6 -> 65535;
            case IPIP6 -> 65495;
        };
    }
}
