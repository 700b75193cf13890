package dev.iptunnel.kernel.read;

import dev.iptunnel.netlink.link.Link;
import dev.iptunnel.netlink.message.AddressFamily;
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
import java.util.Set;
import java.util.stream.Stream;

/**
 * Asks the kernel, each time, but for no list of all tunnels: those that may be meant are known from what it told, and each
 * is read again. One that it has not told of yet is missed: the kernel then refuses endpoints with {@code EEXIST}, and the
 * notification follows.
 *
 * @param told what the kernel told; of it, what is only reported is taken
 * @param ifindex of a tunnel that carried the mark of the object, where that is known by itself
 */
public record Rereads(DirectReads kernel, KnownTunnels known, KernelReads told, OptionalInt ifindex)
        implements KernelReads {
    /** More than so many cost more than a list. */
    private static final int MANY = 32;

    @Override
    public List<Link> marked(Mark object) {
        Set<Integer> indexes = known.ofObject(object.name());
        return indexes.size() > MANY
                ? kernel.marked(object)
                : read(Stream.concat(ifindex.stream().boxed(), indexes.stream()))
                        .filter(link -> DirectReads.isMarked(link, object))
                        .toList();
    }

    @Override
    public List<Link> holders(Endpoints endpoints) {
        return read(known.holding(endpoints).stream())
                .filter(link -> DirectReads.isHolder(link, endpoints))
                .toList();
    }

    @Override
    public List<Link> forAllRemotes(TunnelDriver driver) {
        return read(known.forAllRemotesOf(driver).stream())
                .filter(FallbackDevices::isForAllRemotes)
                .toList();
    }

    private Stream<Link> read(Stream<Integer> indexes) {
        return indexes.distinct().sorted().flatMap(index -> kernel.link(index).stream());
    }

    @Override
    public Optional<Link> link(String name) {
        return kernel.link(name);
    }

    @Override
    public Optional<Link> link(int index) {
        return kernel.link(index);
    }

    @Override
    public List<Link> links(TunnelDriver driver) {
        return kernel.links(driver);
    }

    @Override
    public List<Address> addresses(int index) {
        return kernel.addresses(index);
    }

    @Override
    public List<Route> routes(AddressFamily family, int oif) {
        return kernel.routes(family, oif);
    }

    @Override
    public OuterRoute outerRoute(OuterQuery query) {
        return kernel.outerRoute(query);
    }

    @Override
    public List<Detour> detours(DetourQuery query) {
        return kernel.detours(query);
    }

    @Override
    public OptionalInt reversePathFilterOfAll() {
        return told.reversePathFilterOfAll();
    }
}
