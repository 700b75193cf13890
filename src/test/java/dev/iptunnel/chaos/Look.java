package dev.iptunnel.chaos;

import dev.iptunnel.api.v1alpha1.IpTunnel;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * One comparison of everything.
 *
 * @param kernelProblems of the kernel and its tunnels, with the interfaces of others
 * @param statusProblems of the objects' statuses
 * @param places where the tunnel of each object is
 */
record Look(List<String> kernelProblems, List<String> statusProblems, Map<String, Place> places, Tally tally) {
    /** @param shared whether another object may take the endpoints away */
    record Place(String node, String interfaceName, int ifindex, boolean shared) {}

    static Look at(List<IpTunnel> objects, Nodes nodes, Oracle oracle, String manager) {
        Tally tally = new Tally();
        List<String> kernelProblems = new ArrayList<>();
        List<String> statusProblems = new ArrayList<>();
        Map<String, Place> places = new HashMap<>();
        Map<String, NodeSnapshot> snapshots = nodes.snapshots();
        snapshots.forEach((node, snapshot) -> {
            List<IpTunnel> here = objects.stream()
                    .filter(object -> object.getSpec().nodeName().equals(node))
                    .toList();
            Map<String, Expectation> expectations = oracle.expect(here, snapshot);
            KernelCheck.problems(manager, expectations, snapshot, tally)
                    .forEach(problem -> kernelProblems.add(node + ": " + problem));
            nodes.foreignProblems(node, snapshot, tally).forEach(problem -> kernelProblems.add(node + ": " + problem));
            for (IpTunnel object : here) {
                String name = object.getMetadata().getName();
                Expectation expectation = expectations.get(name);
                statusProblems.addAll(StatusCheck.problems(object, expectation, snapshot, tally));
                snapshot.link(expectation.interfaceName())
                        .filter(_ -> expectation instanceof Expectation.Held)
                        .ifPresent(link -> places.put(
                                name, new Place(node, link.name(), link.ifindex(), isShared(object, here, snapshot))));
            }
        });
        tally.count("objects", objects.size());
        if (kernelProblems.isEmpty() && statusProblems.isEmpty()) {
            kernelProblems.addAll(PacketCheck.problems(objects, snapshots, nodes, tally));
        }
        return new Look(kernelProblems, statusProblems, places, tally);
    }

    private static boolean isShared(IpTunnel object, List<IpTunnel> all, NodeSnapshot node) {
        return all.stream()
                .anyMatch(other -> !other.getMetadata()
                                .getName()
                                .equals(object.getMetadata().getName())
                        && Oracle.endpoints(other.getSpec(), node).equals(Oracle.endpoints(object.getSpec(), node)));
    }

    /** Without what these explain. */
    Look without(List<SilentChange> changes) {
        return new Look(unexplained(kernelProblems, changes), unexplained(statusProblems, changes), places, tally);
    }

    private static List<String> unexplained(List<String> problems, List<SilentChange> changes) {
        return problems.stream()
                .filter(problem -> changes.stream().noneMatch(change -> change.explains(problem)))
                .toList();
    }

    List<String> problems() {
        List<String> all = new ArrayList<>(kernelProblems);
        all.addAll(statusProblems);
        return all;
    }
}
