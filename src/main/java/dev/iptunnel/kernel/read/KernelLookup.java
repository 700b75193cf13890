package dev.iptunnel.kernel.read;

import dev.iptunnel.kernel.KernelRelease;
import dev.iptunnel.kernel.read.DefaultRoutes.Way;
import dev.iptunnel.netlink.link.Link;
import dev.iptunnel.observation.Detour;
import dev.iptunnel.observation.FallbackUse;
import dev.iptunnel.observation.Master;
import dev.iptunnel.observation.NodeLookup;
import dev.iptunnel.observation.Observation;
import dev.iptunnel.observation.Surroundings;
import dev.iptunnel.tunnel.DesiredTunnel;
import dev.iptunnel.tunnel.Endpoints;
import dev.iptunnel.tunnel.Mark;
import dev.iptunnel.tunnel.TunnelDriver;
import dev.iptunnel.tunnel.TunnelParameters;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Look-ups by rtnetlink, in the planner's terms. All throw {@link dev.iptunnel.netlink.message.NetlinkException}.
 *
 * @param others reads the devices for all remotes, and the routes of other programs
 * @param ways gives the ways of the node's default routes
 */
public record KernelLookup(
        KernelReads reads,
        KernelReads others,
        Inet6Sysctls sysctls,
        Guards guards,
        SurroundingsView surroundings,
        Supplier<Set<Way>> ways)
        implements NodeLookup {
    private static final boolean RENAMES_UP = KernelRelease.running().isAtLeast(6, 2);

    @Override
    public Optional<NodeLink> link(String name) {
        return reads.link(name).map(link -> new KernelLink(link, reads));
    }

    @Override
    public Optional<NodeLink> link(int index) {
        return reads.link(index).map(link -> new KernelLink(link, reads));
    }

    @Override
    public Stream<NodeLink> tunnelsOf(Mark object) {
        return reads.marked(object).stream().map(link -> new KernelLink(link, reads));
    }

    /** The interfaces of the three tunnel drivers, but for fallback devices. */
    public Stream<NodeLink> tunnels() {
        return tunnels(Arrays.stream(TunnelDriver.values()).flatMap(driver -> reads.links(driver).stream()));
    }

    /** Those with these indexes that still exist, but for fallback devices. */
    public Stream<NodeLink> tunnels(Set<Integer> indexes) {
        return tunnels(indexes.stream().sorted().flatMap(index -> reads.link(index).stream()));
    }

    private Stream<NodeLink> tunnels(Stream<Link> links) {
        return links.filter(link -> !FallbackDevices.isFallback(link)).map(link -> new KernelLink(link, reads));
    }

    @Override
    public Optional<Master> master(String name) {
        return reads.link(name)
                .map(link -> new Master(
                        link.index(),
                        link.name(),
                        link.kind().orElse("unknown"),
                        link.kind().filter("vrf"::equals).isPresent()
                                ? KernelLink.vrfTable(link)
                                : OptionalLong.empty(),
                        link.up()));
    }

    @Override
    public OuterRoute outerRoute(OuterQuery query) {
        return reads.outerRoute(query);
    }

    @Override
    public List<FallbackUse> fallbackUses(Endpoints endpoints) {
        return FallbackUses.of(others, endpoints);
    }

    @Override
    public List<Detour> detours(DetourQuery query) {
        return others.detours(query);
    }

    @Override
    public Surroundings surroundings(DesiredTunnel desired, TunnelParameters wanted, Observation observed) {
        return surroundings.observe(
                desired, wanted, observed, reads, guards.of(desired.mode().inner(), reads, ways.get()));
    }

    @Override
    public boolean isEndangeredBy(DesiredTunnel desired, Observation observed) {
        return guards.endangeredBy(desired, observed, reads, others, ways);
    }

    @Override
    public boolean renamesUp() {
        return RENAMES_UP;
    }

    @Override
    public boolean setsInet6Conf() {
        return sysctls.isWritable();
    }
}
