package dev.iptunnel.kernel.linux;

import dev.iptunnel.kernel.read.ObservedLinks;
import dev.iptunnel.libc.Ip6TnlParm2;
import dev.iptunnel.libc.IpTunnelParm;
import dev.iptunnel.libc.TunnelIoctl;
import dev.iptunnel.netlink.link.Encapsulation;
import dev.iptunnel.netlink.link.Ip4TunnelInfo;
import dev.iptunnel.netlink.link.Ip6TunnelInfo;
import dev.iptunnel.netlink.link.TunnelInfo;
import dev.iptunnel.plan.Operation.ChangeTunnel;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.TunnelParameters;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.util.List;
import java.util.Optional;

/** Tunnel parameters as the structs of the tunnel ioctls, and as the attributes of a link. */
public final class TunnelParms {
    private static final Encapsulation PLAIN = new Encapsulation(Encapsulation.NONE, 0, 0, 0);

    private TunnelParms() {}

    static void change(TunnelIoctl ioctl, ChangeTunnel change) {
        if (isOuterIpv4(change.parameters())) {
            ioctl.change(change.name(), ipTunnelParm(change.name(), change.parameters()));
        } else {
            ioctl.change(change.name(), ip6TnlParm(change.name(), change.parameters()));
        }
    }

    /** For {@code RTM_NEWLINK}. */
    public static TunnelInfo attributes(TunnelParameters parameters) {
        return isOuterIpv4(parameters) ? ip4(parameters) : ip6(parameters);
    }

    private static TunnelInfo ip4(TunnelParameters parameters) {
        return new Ip4TunnelInfo(
                (Inet4Address) parameters.local(),
                (Inet4Address) parameters.remote(),
                parameters.parent(),
                parameters.ttl(),
                parameters.tos().orElse(ObservedLinks.TOS_INHERIT),
                parameters.pathMtuDiscovery(),
                parameters.protocol(),
                0,
                0,
                PLAIN,
                false,
                Optional.empty(),
                List.of());
    }

    private static TunnelInfo ip6(TunnelParameters parameters) {
        return new Ip6TunnelInfo(
                (Inet6Address) parameters.local(),
                (Inet6Address) parameters.remote(),
                parameters.parent(),
                parameters.ttl(),
                parameters.encapsulationLimit().orElse(0),
                flowinfo(parameters),
                flags(parameters),
                parameters.protocol(),
                0,
                PLAIN,
                false,
                List.of());
    }

    private static boolean isOuterIpv4(TunnelParameters parameters) {
        return parameters.driver().outer() == IpFamily.IPV4;
    }

    private static IpTunnelParm ipTunnelParm(String name, TunnelParameters parameters) {
        return new IpTunnelParm(
                name,
                parameters.parent(),
                parameters.tos().orElse(ObservedLinks.TOS_INHERIT),
                parameters.pathMtuDiscovery() ? IpTunnelParm.IP_DF : 0,
                parameters.ttl(),
                parameters.protocol(),
                (Inet4Address) parameters.local(),
                (Inet4Address) parameters.remote());
    }

    private static Ip6TnlParm2 ip6TnlParm(String name, TunnelParameters parameters) {
        return new Ip6TnlParm2(
                name,
                parameters.parent(),
                parameters.protocol(),
                parameters.encapsulationLimit().orElse(0),
                parameters.ttl(),
                flowinfo(parameters),
                flags(parameters),
                (Inet6Address) parameters.local(),
                (Inet6Address) parameters.remote());
    }

    private static int flowinfo(TunnelParameters parameters) {
        return Ip6TunnelInfo.flowinfo(
                parameters.tos().orElse(0), parameters.flowLabel().orElse(0));
    }

    private static int flags(TunnelParameters parameters) {
        return (parameters.encapsulationLimit().isPresent() ? 0 : Ip6TunnelInfo.IP6_TNL_F_IGN_ENCAP_LIMIT)
                | (parameters.tos().isPresent() ? 0 : Ip6TunnelInfo.IP6_TNL_F_USE_ORIG_TCLASS)
                | (parameters.flowLabel().isPresent() ? 0 : Ip6TunnelInfo.IP6_TNL_F_USE_ORIG_FLOWLABEL);
    }
}
