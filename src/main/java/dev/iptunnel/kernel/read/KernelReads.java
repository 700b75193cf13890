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
import dev.iptunnel.tunnel.Endpoints;
import dev.iptunnel.tunnel.Mark;
import dev.iptunnel.tunnel.TunnelDriver;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Reads a network namespace, from the kernel or from what is known by notifications. All throw
 * {@link NetlinkException}.
 */
public interface KernelReads {
    /** By its name, or by an alternative name. */
    Optional<Link> link(String name);

    Optional<Link> link(int index);

    List<Link> links(TunnelDriver driver);

    /** The tunnels that carry a mark of that object, or of one of the same name. */
    List<Link> marked(Mark object);

    /** The tunnels with these endpoints. One that was moved here from another network namespace has its endpoints there. */
    List<Link> holders(Endpoints endpoints);

    /** The driver's devices for all remotes: its fallback device, and {@code external} ones (ip-link(8)). */
    List<Link> forAllRemotes(TunnelDriver driver);

    List<Address> addresses(int ifindex);

    /** The routes out of the interface, of all programs. */
    List<Route> routes(AddressFamily family, int oif);

    OuterRoute outerRoute(OuterQuery query);

    /** {@code net.ipv4.conf.all.rp_filter}; empty where the kernel does not have it. */
    OptionalInt reversePathFilterOfAll();

    /** The packets to the destinations of a tunnel with these routes that do not take it. */
    List<Detour> detours(DetourQuery query);
}
