package dev.iptunnel.kernel.read;

import dev.iptunnel.netlink.link.Encapsulation;
import dev.iptunnel.netlink.link.Ip4TunnelAttributes;
import dev.iptunnel.netlink.link.Ip6TunnelAttributes;
import dev.iptunnel.netlink.link.TunnelAttributes;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.TunnelDriver;
import dev.iptunnel.tunnel.TunnelParameters;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** Translates a tunnel's parameters between the planner's terms and the kernel's. */
public final class TunnelTranslation {
    /** The TOS that stands for the inner packet's ({@code linux/ip.h} has no such bit). */
    private static final int TOS_INHERIT = 1;

    private static final Encapsulation NO_ENCAPSULATION = new Encapsulation(Encapsulation.NONE, 0, 0, 0);

    private TunnelTranslation() {}

    /** The parameters that an IpTunnel can express. */
    static TunnelParameters parameters(TunnelDriver driver, TunnelAttributes tunnel) {
        return switch (tunnel) {
            case Ip4TunnelAttributes ip4 ->
                new TunnelParameters(
                        driver,
                        ip4.protocol(),
                        ip4.local(),
                        ip4.remote(),
                        ip4.link(),
                        ip4.ttl(),
                        ip4.tos() == TOS_INHERIT ? OptionalInt.empty() : OptionalInt.of(ip4.tos()),
                        ip4.pathMtuDiscovery(),
                        OptionalInt.empty(),
                        OptionalInt.of(0));
            case Ip6TunnelAttributes ip6 ->
                new TunnelParameters(
                        driver,
                        ip6.protocol(),
                        ip6.local(),
                        ip6.remote(),
                        ip6.link(),
                        ip6.ttl(),
                        unless(ip6, Ip6TunnelAttributes.IP6_TNL_F_USE_ORIG_TCLASS, ip6.trafficClass()),
                        true,
                        unless(ip6, Ip6TunnelAttributes.IP6_TNL_F_IGN_ENCAP_LIMIT, ip6.encapLimit()),
                        unless(ip6, Ip6TunnelAttributes.IP6_TNL_F_USE_ORIG_FLOWLABEL, ip6.flowLabel()));
        };
    }

    private static OptionalInt unless(Ip6TunnelAttributes tunnel, int flag, int value) {
        return (tunnel.flags() & flag) != 0 ? OptionalInt.empty() : OptionalInt.of(value);
    }

    /** The attributes that a driver is asked for, by rtnetlink or by ioctl. */
    public static TunnelAttributes attributes(TunnelParameters parameters) {
        return parameters.driver().outer() == IpFamily.IPV4 ? ip4(parameters) : ip6(parameters);
    }

    private static TunnelAttributes ip4(TunnelParameters parameters) {
        return new Ip4TunnelAttributes(
                (Inet4Address) parameters.local(),
                (Inet4Address) parameters.remote(),
                parameters.parent(),
                parameters.ttl(),
                parameters.tos().orElse(TOS_INHERIT),
                parameters.pathMtuDiscovery(),
                parameters.protocol(),
                0,
                0,
                NO_ENCAPSULATION,
                false,
                Optional.empty(),
                List.of());
    }

    private static TunnelAttributes ip6(TunnelParameters parameters) {
        return new Ip6TunnelAttributes(
                (Inet6Address) parameters.local(),
                (Inet6Address) parameters.remote(),
                parameters.parent(),
                parameters.ttl(),
                parameters.encapsulationLimit().orElse(0),
                flowinfo(parameters),
                flags(parameters),
                parameters.protocol(),
                0,
                NO_ENCAPSULATION,
                false,
                List.of());
    }

    private static int flowinfo(TunnelParameters parameters) {
        return Ip6TunnelAttributes.flowinfo(
                parameters.tos().orElse(0), parameters.flowLabel().orElse(0));
    }

    private static int flags(TunnelParameters parameters) {
        return (parameters.encapsulationLimit().isPresent() ? 0 : Ip6TunnelAttributes.IP6_TNL_F_IGN_ENCAP_LIMIT)
                | (parameters.tos().isPresent() ? 0 : Ip6TunnelAttributes.IP6_TNL_F_USE_ORIG_TCLASS)
                | (parameters.flowLabel().isPresent() ? 0 : Ip6TunnelAttributes.IP6_TNL_F_USE_ORIG_FLOWLABEL);
    }
}
