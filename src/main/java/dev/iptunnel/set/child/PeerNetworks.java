package dev.iptunnel.set.child;

import dev.iptunnel.set.SetProblem;
import dev.iptunnel.set.TunnelSet;
import dev.iptunnel.set.member.Member;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.IpPrefix;
import dev.iptunnel.tunnel.PrefixIndex;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Which networks are routed to which member. A network goes to one node only: if networks of two nodes overlap, pod networks
 * come first, then the node whose name is first.
 *
 * @param byNode in the order of the Node and of the spec
 */
record PeerNetworks(Map<String, List<IpPrefix>> byNode, List<SetProblem> problems) {
    static PeerNetworks of(TunnelSet set, Collection<Member> members) {
        IpFamily family = set.template().mode().inner();
        List<Member> sorted =
                members.stream().sorted(Comparator.comparing(Member::name)).toList();
        Map<String, List<IpPrefix>> byNode = new HashMap<>();
        List<SetProblem> problems = new ArrayList<>();
        PrefixIndex<String> claimed = new PrefixIndex<>();
        for (Member member : sorted) {
            List<IpPrefix> own = byNode.computeIfAbsent(member.name(), _ -> new ArrayList<>());
            if (set.routes().podNetworks()) {
                List<IpPrefix> pods = of(family, member.podNetworks());
                if (pods.isEmpty()) {
                    problems.add(noPodNetwork(member, family));
                }
                claim(member, pods, claimed, own, problems);
            }
        }
        for (Member member : sorted) {
            List<IpPrefix> own = byNode.getOrDefault(member.name(), new ArrayList<>());
            claim(member, of(family, member.networks()), claimed, own, problems);
        }
        return new PeerNetworks(byNode, problems);
    }

    List<IpPrefix> of(String node) {
        return byNode.getOrDefault(node, List.of());
    }

    private static List<IpPrefix> of(IpFamily family, List<IpPrefix> networks) {
        return networks.stream()
                .filter(network -> network.family() == family)
                .map(IpPrefix::network)
                .distinct()
                .toList();
    }

    private static void claim(
            Member member,
            List<IpPrefix> networks,
            PrefixIndex<String> claimed,
            List<IpPrefix> own,
            List<SetProblem> problems) {
        for (IpPrefix network : networks) {
            claimed.overlapping(network).stream()
                    .filter(other -> !other.equals(member.name()))
                    .min(Comparator.naturalOrder())
                    .ifPresentOrElse(other -> problems.add(overlap(member, network, other)), () -> {
                        claimed.add(network, member.name());
                        own.add(network);
                    });
        }
    }

    private static SetProblem noPodNetwork(Member member, IpFamily family) {
        return new SetProblem(
                member.name(),
                "",
                "PodNetworkNotFound",
                "the Node has no " + family
                        + " network in spec.podCIDRs, so no peer routes to its pods: if the CNI does not"
                        + " use podCIDRs, write routes.podCIDRs false and the networks in nodeOverrides");
    }

    private static SetProblem overlap(Member member, IpPrefix network, String other) {
        return new SetProblem(
                member.name(),
                "",
                "NetworkConflict",
                "its network " + network + " overlaps one of node " + other
                        + ", to which the peers route it: write networks" + " in nodeOverrides that do not overlap");
    }
}
