package dev.iptunnel.chaos;

import dev.iptunnel.api.v1alpha1.IpTunnelSpec;
import dev.iptunnel.chaos.FaultKind.Changes;
import dev.iptunnel.chaos.ObjectChange.Create;
import dev.iptunnel.chaos.ObjectChange.Delete;
import dev.iptunnel.chaos.ObjectChange.Replace;
import dev.iptunnel.chaos.ObjectChange.Update;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/**
 * All that will be done, drawn before anything is: the same seed gives the same script, whatever the cluster does.
 *
 * @param initial the objects at the start
 */
record Script(List<Create> initial, List<Step> steps) {
    private static final int NODES = 2;
    private static final int INITIAL_SLOTS = 8;

    /** A fault, and what is done to the objects meanwhile. */
    record Step(Fault fault, List<ObjectChange> changes) {}

    Script {
        initial = List.copyOf(initial);
        steps = List.copyOf(steps);
    }

    static Script draw(long seed, int faults) {
        return new Drawing(new Random(seed)).script(faults);
    }

    private static final class Drawing {
        private final Random random;
        private final ManifestGenerator manifests;
        /** What the objects are when all drawn so far is done. */
        private final Map<String, IpTunnelSpec> objects = new TreeMap<>();

        Drawing(Random random) {
            this.random = random;
            this.manifests = new ManifestGenerator(random);
        }

        Script script(int faults) {
            List<Create> initial = new ArrayList<>();
            for (int node = 1; node <= NODES; node++) {
                for (int slot = 0; slot < INITIAL_SLOTS; slot++) {
                    initial.add(create(node, slot));
                }
                for (Pair pair : Pair.ALL) {
                    initial.add(pair.create(node));
                }
            }
            List<Step> steps = new ArrayList<>();
            for (FaultKind kind : kinds(faults)) {
                Fault fault = fault(kind);
                List<ObjectChange> changes = changes();
                if (kind.changes() == Changes.AFTERWARDS) {
                    changes.add(change(Nodes.number(fault.node()), random.nextInt(ManifestGenerator.SLOTS)));
                }
                steps.add(new Step(fault, changes));
            }
            return new Script(initial, steps);
        }

        /** Each kind once, in any order, and then by their weights. */
        private List<FaultKind> kinds(int count) {
            List<FaultKind> kinds = new ArrayList<>(List.of(FaultKind.values()));
            List<FaultKind> weighted = kinds.stream()
                    .flatMap(kind -> Collections.nCopies(kind.weight(), kind).stream())
                    .toList();
            Collections.shuffle(kinds, random);
            while (kinds.size() < count) {
                kinds.add(weighted.get(random.nextInt(weighted.size())));
            }
            return kinds.subList(0, count);
        }

        private Fault fault(FaultKind kind) {
            return new Fault(kind, "node" + (1 + random.nextInt(NODES)), random.nextInt(1000), 1 + random.nextInt(3));
        }

        /** None, every third time: there the fault is seen alone. */
        private List<ObjectChange> changes() {
            List<ObjectChange> changes = new ArrayList<>();
            int count = Math.max(0, random.nextInt(6) - 1);
            for (int i = 0; i < count; i++) {
                changes.add(change(1 + random.nextInt(NODES), random.nextInt(ManifestGenerator.SLOTS)));
            }
            return changes;
        }

        private ObjectChange change(int node, int slot) {
            String name = name(node, slot);
            IpTunnelSpec spec = objects.get(name);
            if (spec == null) {
                return create(node, slot);
            }
            int dice = random.nextInt(10);
            if (dice < 2) {
                objects.remove(name);
                return new Delete(name);
            }
            if (dice < 4) {
                IpTunnelSpec other = manifests.create(node, slot);
                objects.put(name, other);
                return new Replace(name, other);
            }
            IpTunnelSpec other = manifests.change(spec, node, slot);
            objects.put(name, other);
            return new Update(name, other);
        }

        private Create create(int node, int slot) {
            IpTunnelSpec spec = manifests.create(node, slot);
            objects.put(name(node, slot), spec);
            return new Create(name(node, slot), spec);
        }

        private static String name(int node, int slot) {
            return "chaos%d-%02d".formatted(node, slot);
        }
    }

    @Override
    public String toString() {
        List<String> lines = new ArrayList<>();
        initial.forEach(create -> lines.add(create.toString()));
        for (Step step : steps) {
            lines.add(step.fault().toString());
            step.changes().forEach(change -> lines.add("    " + change));
        }
        return String.join("\n", lines);
    }
}
