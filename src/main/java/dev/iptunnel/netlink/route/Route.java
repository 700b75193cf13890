package dev.iptunnel.netlink.route;

import dev.iptunnel.netlink.message.AddressFamily;
import dev.iptunnel.netlink.message.Attribute;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A route, or the answer to a look-up of one destination; RTM_NEWROUTE of rtnetlink(7).
 *
 * @param destination the any address in a default route
 * @param oif ifindex of the outgoing interface; absent where there are several next hops, or none
 * @param gateway of either family, since an IPv4 route may have an IPv6 gateway
 * @param preferredSource in an answer, the source that the kernel would choose
 * @param protocol {@code RTPROT_*}, which program added it; 0 in an IPv4 answer
 * @param metric RTA_PRIORITY; absent in an IPv4 answer, and in an IPv4 route where it is 0
 * @param mtu RTAX_MTU, of the route itself
 * @param flags {@code RTM_F_*} and {@code RTNH_F_*} of {@code linux/rtnetlink.h}
 * @param nextHops of a multipath route
 * @param nextHopId of the next hop object, ip-nexthop(8), that the route uses
 * @param selector which packets to the destination it applies to
 * @param expires whether it has a life time; what is left of it is left out, since it counts down
 * @param effects attributes that change what it does with packets, not decoded: RTA_METRICS, RTA_FLOW,
 *     RTA_ENCAP_TYPE, RTA_ENCAP, RTA_TTL_PROPAGATE, and RTA_PREF where it is not medium
 */
public record Route(
        RouteType type,
        InetAddress destination,
        int prefixLength,
        OptionalInt oif,
        Optional<InetAddress> gateway,
        Optional<InetAddress> preferredSource,
        int table,
        int protocol,
        int scope,
        OptionalInt metric,
        OptionalInt mtu,
        int flags,
        List<NextHop> nextHops,
        OptionalInt nextHopId,
        RouteSelector selector,
        boolean expires,
        List<Attribute> effects,
        List<Attribute> unknown) {
    private static final int RTM_F_CLONED = 0x200;
    private static final int RTNH_F_ONLINK = 0x4;

    public Route {
        nextHops = List.copyOf(nextHops);
        effects = List.copyOf(effects);
        unknown = List.copyOf(unknown);
    }

    public AddressFamily family() {
        return AddressFamily.of(destination);
    }

    /**
     * Whether it is a cached exception, of a redirect or a path MTU, and no route of a table. An IPv4 answer is one as
     * well.
     */
    public boolean cloned() {
        return (flags & RTM_F_CLONED) != 0;
    }

    /** Of all its ways. */
    public Stream<InetAddress> gateways() {
        return Stream.concat(gateway.stream(), nextHops.stream().flatMap(hop -> hop.gateway().stream()));
    }

    /** Whether its gateway counts as reachable, whatever the routes to it are. */
    public boolean onLink() {
        return (flags & RTNH_F_ONLINK) != 0;
    }

    /** The outgoing interfaces, by ifindex; more than one where it has several next hops. */
    public IntStream interfaces() {
        return IntStream.concat(oif.stream(), nextHops.stream().mapToInt(NextHop::oif));
    }

    /** Whether at least one of its next hops leads out of the interface. */
    public boolean leadsOutOf(int ifindex) {
        return interfaces().anyMatch(index -> index == ifindex);
    }
}
