package dev.iptunnel.controller.spec;

import dev.iptunnel.api.v1alpha1.set.TopologySpec;
import dev.iptunnel.set.NodeSelector;
import dev.iptunnel.set.SetTopology;
import io.fabric8.kubernetes.api.model.LabelSelector;

/**
 * Reads which nodes have tunnels to which others. The messages are those of the CRD's rules. What is returned beside a
 * finding is not used.
 */
final class TopologyReader {
    private static final String FIELD = "spec.topology.";

    private final Findings findings;

    TopologyReader(Findings findings) {
        this.findings = findings;
    }

    SetTopology read(TopologySpec topology) {
        return switch (topology.type()) {
            case "HubAndSpoke" -> hubAndSpoke(topology);
            case "PerNode" -> withoutHubs(topology, new SetTopology.PerNode());
            case "Mesh" -> withoutHubs(topology, new SetTopology.Mesh());
            default -> {
                findings.add(FIELD + "type", "\"" + topology.type() + "\" is none of PerNode, Mesh, HubAndSpoke");
                yield new SetTopology.Mesh();
            }
        };
    }

    private SetTopology hubAndSpoke(TopologySpec topology) {
        LabelSelector hubs = topology.hubSelector();
        if (hubs == null) {
            findings.add(
                    FIELD + "hubSelector",
                    "write which of the nodes are hubs, such as {matchLabels: {example.com/hub: \"true\"}}");
            return new SetTopology.HubAndSpoke(NodeSelector.ALL, true);
        }
        return new SetTopology.HubAndSpoke(
                new SelectorReader(findings).read(FIELD + "hubSelector", hubs),
                !Boolean.FALSE.equals(topology.hubMesh()));
    }

    private SetTopology withoutHubs(TopologySpec topology, SetTopology read) {
        findings.require(topology.hubSelector() == null, FIELD + "hubSelector", noHubs(topology, "hubSelector"));
        findings.require(topology.hubMesh() == null, FIELD + "hubMesh", noHubs(topology, "hubMesh"));
        return read;
    }

    private static String noHubs(TopologySpec topology, String field) {
        return "topology " + topology.type() + " has no hubs: leave " + field + " out, or write type HubAndSpoke";
    }
}
