package dev.iptunnel.kernel.read;

import dev.iptunnel.netlink.link.Link;
import dev.iptunnel.netlink.message.AddressFamily;
import dev.iptunnel.netlink.message.NetlinkException;
import dev.iptunnel.netlink.route.Address;
import dev.iptunnel.netlink.route.Route;
import dev.iptunnel.observation.Detour;
import dev.iptunnel.observation.NodeLookup.DetourQuery;
import dev.iptunnel.observation.NodeLookup.OuterQuery;
import dev.iptunnel.observation.NodeLookup.OuterRoute;
import dev.iptunnel.tunnel.TunnelDriver;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

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
}
