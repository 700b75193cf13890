package dev.iptunnel.set.child;

import dev.iptunnel.set.SetProblem;
import dev.iptunnel.set.SetTopology;
import dev.iptunnel.set.TunnelSet;
import dev.iptunnel.set.member.Member;
import dev.iptunnel.tunnel.InnerRoute;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.IpPrefix;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The routes that a set adds to its tunnels. */
final class PeerRouting {
    private static final long RANK_STEP = 10;
    private static final long LARGEST_METRIC = 0xffff_ffffL;

    private final TunnelSet set;
    private final PeerNetworks networks;
    private final Map<String, Integer> ranks = new HashMap<>();

    PeerRouting(TunnelSet set, Collection<Member> members) {
        this.set = set;
        networks = set.topology() instanceof SetTopology.PerNode
                ? new PeerNetworks(Map.of(), List.of())
                : PeerNetworks.of(set, members);
        members.stream().filter(Member::hub).map(Member::name).sorted().forEach(hub -> ranks.put(hub, ranks.size()));
    }

    List<SetProblem> problems() {
        return networks.problems();
    }

    /** The networks of the peer; on a spoke also what goes by way of a hub, over the first hub if it can. */
    List<InnerRoute> routes(Member node, Member peer) {
        List<InnerRoute> routes = new ArrayList<>();
        networks.of(peer.name())
                .forEach(network -> add(routes, network, set.routes().metric()));
        Integer rank = ranks.get(peer.name());
        if (set.topology() instanceof SetTopology.HubAndSpoke && rank != null && !node.hub()) {
            set.routes().viaHub().forEach(network -> add(routes, network.network(), metric(network.family(), rank)));
        }
        return List.copyOf(routes);
    }

    private void add(List<InnerRoute> routes, IpPrefix destination, long metric) {
        InnerRoute route =
                new InnerRoute(destination, Optional.empty(), set.routes().table(), metric);
        if (routes.stream().noneMatch(route::isSameEntryAs)) {
            routes.add(route);
        }
    }

    /** Of an IPv6 route, the kernel takes metric 0 as 1024: a later hub has to come after that. */
    private long metric(IpFamily family, int rank) {
        long first = set.routes().metric();
        if (rank == 0) {
            return first;
        }
        long base = first == 0 && family == IpFamily.IPV6 ? kernelDefault() : first;
        return Math.min(LARGEST_METRIC, base + RANK_STEP * rank);
    }

    private static long kernelDefault() {
        IpPrefix any = new IpPrefix(IpFamily.IPV6.any(), 0);
        return new InnerRoute(any, Optional.empty(), InnerRoute.MAIN_TABLE, 0).kernelMetric();
    }
}
