package dev.iptunnel.chaos;

import dev.iptunnel.api.v1alpha1.IpTunnel;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Whether packets go through the tunnels that have both ends, and through what a CNI has beside them. */
final class PacketCheck {
    private static final int PATIENCE_SECONDS = 3;

    private PacketCheck() {}

    /** What is lost, a line each. */
    static List<String> problems(
            List<IpTunnel> objects, Map<String, NodeSnapshot> snapshots, Nodes nodes, Tally tally) {
        Set<String> names =
                objects.stream().map(object -> object.getMetadata().getName()).collect(Collectors.toSet());
        boolean cni = snapshots.values().stream().allMatch(NodeLayout::hasCni)
                && snapshots.values().stream().noneMatch(PacketCheck::takesFromAll);
        List<String> problems = new ArrayList<>();
        for (String node : Nodes.NAMES) {
            int far = 3 - Nodes.number(node);
            List<String> destinations = new ArrayList<>();
            Pair.ALL.stream()
                    .filter(pair -> names.contains(pair.name(1)) && names.contains(pair.name(2)))
                    .forEach(pair -> destinations.add(pair.innerAddress(far)));
            if (cni) {
                destinations.add(NodeLayout.podAddress(far));
            }
            tally.count("destinations of packets", destinations.size());
            for (String silent : silent(nodes.shell(node), destinations)) {
                problems.add(node + ": " + silent + " does not answer, though all is right");
            }
        }
        return problems;
    }

    /** Such a tunnel gets what was for the CNI, whatever its own parent is. */
    private static boolean takesFromAll(NodeSnapshot node) {
        return node.links().values().stream()
                .anyMatch(link -> link.kind().equals("ipip")
                        && link.isUp()
                        && link.data("remote").equals("any")
                        && !link.name().equals("tunl0"));
    }

    private static Set<String> silent(NodeShell shell, List<String> destinations) {
        return new TreeSet<>(shell.run("for address in " + String.join(" ", destinations)
                        + "; do { ping -n -q -c 1 -W " + PATIENCE_SECONDS
                        + " $address >/dev/null || echo $address; } & done; wait")
                .lines()
                .toList());
    }
}
