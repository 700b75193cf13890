package dev.iptunnel.kernel.read;

import dev.iptunnel.kernel.KernelRelease;
import dev.iptunnel.kernel.read.DefaultRoutes.Way;
import dev.iptunnel.observation.Detour;
import dev.iptunnel.observation.FallbackUse;
import dev.iptunnel.observation.Master;
import dev.iptunnel.observation.NodeLookup;
import dev.iptunnel.observation.Observation;
import dev.iptunnel.observation.Surroundings;
import dev.iptunnel.tunnel.DesiredTunnel;
import dev.iptunnel.tunnel.TunnelDriver;
import dev.iptunnel.tunnel.TunnelParameters;
import java.net.InetAddress;
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
    public Stream<NodeLink> tunnels() {
        return Arrays.stream(TunnelDriver.values())
                .flatMap(driver -> reads.links(driver).stream())
                .filter(link -> !FallbackDevices.isFallback(link))
                .map(link -> new KernelLink(link, reads));
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
    public List<FallbackUse> fallbackUses(TunnelDriver driver, InetAddress remote) {
        return FallbackUses.of(others, driver, remote);
    }

    @Override
    public List<Detour> detours(DetourQuery query) {
        return others.detours(query);
    }

    @Override
    public Surroundings surroundings(DesiredTunnel desired, TunnelParameters wanted, Observation observed) {
        return surroundings.observe(desired, wanted, observed, ways.get());
    }

    @Override
    public boolean isEndangeredBy(DesiredTunnel desired, Observation observed) {
        return guards.endangeredBy(desired, observed, reads, ways);
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
