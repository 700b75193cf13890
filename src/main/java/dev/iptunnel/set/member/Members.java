package dev.iptunnel.set.member;

import dev.iptunnel.set.ChildTunnel;
import dev.iptunnel.set.FleetNode;
import dev.iptunnel.set.SetProblem;
import dev.iptunnel.set.SetTopology;
import dev.iptunnel.set.TunnelSet;
import dev.iptunnel.set.member.Member.Standing;
import dev.iptunnel.tunnel.IpFamily;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The nodes of a set.
 *
 * @param members by name
 * @param selected how many nodes the selector selects and no override excludes
 * @param unusable why selected nodes get no tunnels
 * @param toConfirm nodes whose time is over because their Node is gone: they stay members until a direct read of the Node
 *     says so too, and {@link #of} is told
 * @param lookAgain when the next time is over
 */
public record Members(
        List<Member> members,
        int selected,
        List<SetProblem> unusable,
        List<String> toConfirm,
        MemberMemory memory,
        Optional<Duration> lookAgain) {
    /** How long a node keeps its tunnels after its Node object went: a Node may be registered again. */
    static final Duration GONE = Duration.ofMinutes(5);

    /**
     * Decides which nodes belong to the set.
     *
     * @param nodes all Nodes of the cluster
     * @param children all IpTunnels of the set: their nodes belong to it until their time is over
     * @param confirmedGone nodes of which a direct read said that the Node does not exist
     * @param now nanoseconds of the clock of {@code memory}
     */
    public static Members of(
            TunnelSet set,
            Collection<FleetNode> nodes,
            Collection<ChildTunnel> children,
            Set<String> confirmedGone,
            MemberMemory memory,
            long now) {
        Map<String, FleetNode> byName = new TreeMap<>();
        nodes.forEach(node -> byName.put(node.name(), node));
        List<FleetNode> selected = byName.values().stream()
                .filter(node -> set.nodeSelector().selects(node.labels()))
                .filter(node -> !set.override(node.name()).excluded())
                .toList();
        Map<String, Member> members = new TreeMap<>();
        List<SetProblem> unusable = new ArrayList<>();
        new Selection(set, addressesInUse(children)).add(selected, members, unusable);
        Departures departures = new Departures(set, confirmedGone, memory, now);
        namesIn(children)
                .filter(name ->
                        !members.containsKey(name) && !set.override(name).excluded())
                .forEach(name -> departures.add(name, Optional.ofNullable(byName.get(name))));
        departures.staying.forEach(member -> members.put(member.name(), member));
        return new Members(
                List.copyOf(members.values()),
                selected.size(),
                List.copyOf(unusable),
                List.copyOf(departures.toConfirm),
                new MemberMemory(departures.remembered),
                departures.rest.stream().min(Comparator.naturalOrder()));
    }

    /** The members that tunnels are made for. */
    public List<Member> selectedMembers() {
        return members.stream().filter(Member::isSelected).toList();
    }

    /** Which address the tunnels of each node have as {@code local}; if they differ, the one that most have. */
    static Map<String, InetAddress> addressesInUse(Collection<ChildTunnel> children) {
        Map<String, Map<String, Integer>> counts = new HashMap<>();
        for (ChildTunnel child : children) {
            counts.computeIfAbsent(child.edge().node(), _ -> new TreeMap<>())
                    .merge(child.spec().path("local").asText(), 1, Integer::sum);
        }
        Map<String, InetAddress> inUse = new HashMap<>();
        counts.forEach((node, texts) -> texts.entrySet().stream()
                .max(Map.Entry.comparingByValue())
                .flatMap(most -> IpFamily.literal(most.getKey()))
                .ifPresent(address -> inUse.put(node, address)));
        return inUse;
    }

    private static Stream<String> namesIn(Collection<ChildTunnel> children) {
        return children.stream()
                .flatMap(child -> Stream.of(child.edge().node(), child.edge().peer()))
                .filter(name -> !name.isEmpty())
                .collect(Collectors.toCollection(TreeSet::new))
                .stream();
    }

    /** The selected nodes, each with its outer address. */
    private record Selection(TunnelSet set, Map<String, InetAddress> inUse) {
        void add(List<FleetNode> selected, Map<String, Member> members, List<SetProblem> unusable) {
            OuterChoice choice = new OuterChoice(set);
            Map<InetAddress, String> holders = new HashMap<>();
            boolean shared = set.topology() instanceof SetTopology.PerNode;
            // A node that uses its address already keeps it.
            List<FleetNode> usersFirst = selected.stream()
                    .sorted(Comparator.comparing(node -> !inUse.containsKey(node.name())))
                    .toList();
            for (FleetNode node : usersFirst) {
                if (!choice.isNeeded()) {
                    members.put(node.name(), member(node, Standing.SELECTED, Optional.empty()));
                    continue;
                }
                Optional<InetAddress> outer = choice.of(node, Optional.ofNullable(inUse.get(node.name())));
                if (outer.isEmpty()) {
                    unusable.add(choice.notFound(node));
                    continue;
                }
                String holder = holders.putIfAbsent(outer.get(), node.name());
                if (holder == null || shared) {
                    members.put(node.name(), member(node, Standing.SELECTED, outer));
                } else {
                    unusable.add(choice.taken(node.name(), outer.get(), holder));
                }
            }
        }

        private Member member(FleetNode node, Standing standing, Optional<InetAddress> outer) {
            return Members.member(set, node, standing, outer);
        }
    }

    private static Member member(TunnelSet set, FleetNode node, Standing standing, Optional<InetAddress> outer) {
        return new Member(
                node.name(),
                standing,
                outer,
                node.podNetworks(),
                set.override(node.name()).networks(),
                set.topology() instanceof SetTopology.HubAndSpoke hubs
                        && hubs.hubs().selects(node.labels()),
                node.isControlPlane(),
                node.ready());
    }

    /** The nodes that have tunnels and are not selected. */
    private static final class Departures {
        private final TunnelSet set;
        private final Set<String> confirmedGone;
        private final MemberMemory memory;
        private final long now;
        private final List<Member> staying = new ArrayList<>();
        private final List<String> toConfirm = new ArrayList<>();
        private final List<Duration> rest = new ArrayList<>();
        private final Map<String, MemberMemory.Departure> remembered = new HashMap<>();

        Departures(TunnelSet set, Set<String> confirmedGone, MemberMemory memory, long now) {
            this.set = set;
            this.confirmedGone = confirmedGone;
            this.memory = memory;
            this.now = now;
        }

        void add(String name, Optional<FleetNode> node) {
            Standing standing = node.isPresent() ? Standing.LEAVING : Standing.GONE;
            long since = memory.since(name, standing, now);
            // It is remembered as long as it has tunnels, so that the time does not start again after it is over.
            remembered.put(name, new MemberMemory.Departure(standing, since));
            Duration left = (standing == Standing.GONE ? GONE : set.leave()).minusNanos(now - since);
            boolean over = left.isNegative() || left.isZero();
            if (over && standing == Standing.GONE && !confirmedGone.contains(name)) {
                toConfirm.add(name);
            } else if (over) {
                return;
            } else {
                rest.add(left);
            }
            staying.add(node.map(existing -> member(set, existing, standing, Optional.empty()))
                    .orElseGet(() ->
                            new Member(name, standing, Optional.empty(), List.of(), List.of(), false, false, false)));
        }
    }
}
