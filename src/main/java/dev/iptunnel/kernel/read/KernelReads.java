package dev.iptunnel.kernel.read;

import dev.iptunnel.netlink.link.Link;
import dev.iptunnel.netlink.message.AddressFamily;
import dev.iptunnel.netlink.message.NetlinkException;
import dev.iptunnel.netlink.route.Address;
import dev.iptunnel.netlink.route.Route;
import dev.iptunnel.observation.Detour;
import dev.iptunnel.tunnel.InnerRoute;
import dev.iptunnel.tunnel.TunnelDriver;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** What is read of a network namespace: of the kernel itself, or of what it told. All throw {@link NetlinkException}. */
public interface KernelReads {
    Optional<Link> link(String name);

    Optional<Link> link(int index);

    List<Link> links(TunnelDriver driver);

    /** The driver's devices that are for all remotes: its fallback device, and what is {@code external} (ip-link(8)). */
    List<Link> forAllRemotes(TunnelDriver driver);

    List<Address> addresses(int ifindex);

    /** Those out of the interface, whoever put them there. */
    List<Route> routes(AddressFamily family, int oif);

    OuterRoute outerRoute(OuterQuery query);

    /** {@code net.ipv4.conf.all.rp_filter}; empty where the kernel does not tell it. */
    OptionalInt reversePathFilterOfAll();

    /** Which packets to its destinations do not take a tunnel that has these routes. */
    List<Detour> detours(DetourQuery query);

    /**
     * The destinations of a tunnel.
     *
     * @param tunnel its ifindex
     * @param vrf the ifindex of the VRF that it is a port of
     * @param vrfTable the routing table of that one
     * @param routes that the kernel holds out of it, all of one family
     */
    record DetourQuery(int tunnel, OptionalInt vrf, OptionalLong vrfTable, List<InnerRoute> routes) {
        public DetourQuery {
            routes = List.copyOf(routes);
        }
    }

    /**
     * Which way outer packets go.
     *
     * @param local the any address where the kernel chooses
     * @param remote the any address where there is none
     * @param oif of a tunnel that is bound to its parent
     */
    record OuterQuery(InetAddress local, InetAddress remote, OptionalInt oif) {}

    /**
     * The kernel's answer.
     *
     * @param device the index of the interface that they leave by; absent without a route or a remote
     * @param localPresent whether the local address is one of the node's
     * @param source that the kernel chooses, where it is to
     */
    record OuterRoute(OptionalInt device, boolean localPresent, Optional<InetAddress> source) {}
}
