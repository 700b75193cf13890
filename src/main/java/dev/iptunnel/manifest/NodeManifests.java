package dev.iptunnel.manifest;

import dev.iptunnel.agent.spec.InvalidSpecException;
import dev.iptunnel.agent.spec.SpecReader;
import dev.iptunnel.planner.Claims;
import dev.iptunnel.tunnel.DesiredTunnel;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What manifests ask of one node.
 *
 * @param wanted the tunnels of this node, in the order of the files
 * @param ofOtherNodes the manifests that name another node
 * @param problems of manifests that ask for nothing, with those of the files
 */
public record NodeManifests(List<Wanted> wanted, List<Manifest> ofOtherNodes, List<Problem> problems) {
    public NodeManifests {
        wanted = List.copyOf(wanted);
        ofOtherNodes = List.copyOf(ofOtherNodes);
        problems = List.copyOf(problems);
    }

    /** A manifest of this node, and what it asks for. */
    public record Wanted(Manifest manifest, DesiredTunnel desired) {
        public String name() {
            return manifest.name();
        }
    }

    /**
     * Selects the manifests of a node and reads what they ask for.
     *
     * @param reader for the manager of these tunnels
     */
    public static NodeManifests of(Manifests manifests, String nodeName, SpecReader reader) {
        List<Wanted> wanted = new ArrayList<>();
        List<Manifest> others = new ArrayList<>();
        List<Problem> problems = new ArrayList<>(manifests.problems());
        Map<String, Place> seen = new HashMap<>();
        for (Manifest manifest : manifests.tunnels()) {
            Place first = seen.putIfAbsent(manifest.name(), manifest.place());
            if (first != null) {
                problems.add(problem(
                        manifest,
                        "metadata.name: \"" + manifest.name() + "\" is also in " + first
                                + ": leave one of the two out, or give it another name"));
            } else if (!manifest.tunnel().getSpec().nodeName().equals(nodeName)) {
                others.add(manifest);
            } else {
                try {
                    wanted.add(new Wanted(manifest, reader.read(manifest.tunnel())));
                } catch (InvalidSpecException e) {
                    problems.add(problem(manifest, e.detail()));
                }
            }
        }
        return new NodeManifests(wanted, others, problems);
    }

    private static Problem problem(Manifest manifest, String message) {
        return new Problem(manifest.place(), manifest.name(), message);
    }

    /** What all of them ask for. */
    public Claims claims() {
        return new ManifestClaims(wanted.stream().map(Wanted::desired).toList());
    }

    /** The names of all IpTunnels in the files, also of other nodes and of those with a problem, where it has a name. */
    public Set<String> names() {
        return Stream.of(
                        wanted.stream().map(Wanted::name),
                        ofOtherNodes.stream().map(Manifest::name),
                        problems.stream().map(Problem::name))
                .flatMap(names -> names)
                .collect(Collectors.toUnmodifiableSet());
    }
}
