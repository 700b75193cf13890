package dev.iptunnel.set.change;

import com.fasterxml.jackson.databind.JsonNode;
import dev.iptunnel.set.ChildTunnel;
import dev.iptunnel.set.Edge;
import dev.iptunnel.set.SetProblem;
import dev.iptunnel.set.TunnelSet;
import dev.iptunnel.set.child.ChildManifest;
import dev.iptunnel.set.child.ChildTarget;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.TunnelDriver;
import dev.iptunnel.tunnel.TunnelMode;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The tunnels of a set that must not be written, because another IpTunnel has their endpoints or the name of their
 * interface. Hand-made IpTunnels win over sets; of two sets the older one wins, ties go to the lower UID.
 *
 * @param blocked the edges, and the other ends of new ones: there is no half pair. Their tunnels that exist stay as they are.
 * @param problems one for each conflict
 */
public record Conflicts(Set<Edge> blocked, List<SetProblem> problems) {
    public Conflicts {
        blocked = Set.copyOf(blocked);
        problems = List.copyOf(problems);
    }

    /**
     * Finds them. A tunnel that exists and keeps its endpoints and its name claims nothing new, so it is not in conflict.
     *
     * @param targets what would be written, with the set's template
     * @param existing the set's tunnels
     * @param claims of all IpTunnels that are not the set's
     */
    public static Conflicts of(
            TunnelSet set, Collection<ChildTarget> targets, Map<Edge, ChildTunnel> existing, Collection<Claim> claims) {
        Map<String, List<Claim>> byNode = new HashMap<>();
        claims.stream().filter(claim -> wins(claim, set)).forEach(claim -> byNode.computeIfAbsent(
                        claim.node(), _ -> new ArrayList<>())
                .add(claim));
        Set<Edge> blocked = new HashSet<>();
        List<SetProblem> problems = new ArrayList<>();
        for (ChildTarget target : targets) {
            Edge edge = target.edge();
            List<Claim> others = byNode.getOrDefault(edge.node(), List.of());
            if (others.isEmpty()) {
                continue;
            }
            Optional<ChildTunnel> present = Optional.ofNullable(existing.get(edge));
            ChildManifest manifest = ChildManifest.render(set, target, "", set.template(), Map.of());
            conflict(manifest, present, others).ifPresent(problem -> {
                blocked.add(edge);
                problems.add(problem);
            });
        }
        List<Edge> otherEnds = blocked.stream()
                .filter(edge -> !existing.containsKey(edge))
                .map(Edge::reversed)
                .filter(edge -> !existing.containsKey(edge))
                .toList();
        blocked.addAll(otherEnds);
        return new Conflicts(blocked, problems);
    }

    private static boolean wins(Claim claim, TunnelSet set) {
        return claim.set()
                .map(other -> Precedence.isOlder(other.created(), other.uid(), set))
                .orElse(true);
    }

    private static Optional<SetProblem> conflict(
            ChildManifest manifest, Optional<ChildTunnel> present, List<Claim> others) {
        Ends ends = Ends.of(manifest.spec());
        boolean newEnds =
                present.map(child -> !Ends.of(child.spec()).equals(ends)).orElse(true);
        boolean newName = present.map(child -> !name(child.spec(), child.name()).equals(name(manifest)))
                .orElse(true);
        for (Claim claim : others) {
            if (newEnds && ends.isSame(claim)) {
                return Optional.of(problem(
                        manifest,
                        "EndpointConflict",
                        claim.described() + " has the same endpoints ("
                                + ends.driver().kind() + ", local " + ends.local()
                                + ", remote " + ends.remote() + ") and wins over this set: delete it, or use other"
                                + " addresses, such as those of another network in nodeAddress.cidrs"));
            }
            if (newName && claim.interfaceName().equals(name(manifest))) {
                return Optional.of(problem(
                        manifest,
                        "InterfaceConflict",
                        claim.described() + " has the interface " + name(manifest)
                                + " and wins over this set: delete it, or"
                                + " write another interfaceName in the template"));
            }
        }
        return Optional.empty();
    }

    private static String name(ChildManifest manifest) {
        return name(manifest.spec(), manifest.target().tunnel());
    }

    private static String name(JsonNode spec, String tunnel) {
        return spec.path("interfaceName").asText(tunnel);
    }

    private static SetProblem problem(ChildManifest manifest, String reason, String message) {
        return new SetProblem(manifest.target().edge().node(), manifest.target().tunnel(), reason, message);
    }

    /**
     * What identifies a tunnel on its node.
     *
     * @param local empty if {@code localFrom} says where it comes from
     */
    private record Ends(TunnelDriver driver, String local, String remote, String parent) {
        static Ends of(JsonNode spec) {
            return new Ends(
                    TunnelMode.ofText(spec.path("mode").asText()).orElseThrow().driver(),
                    spec.path("local").asText(),
                    spec.path("remote").asText(),
                    spec.path("parent").asText());
        }

        boolean isSame(Claim claim) {
            return claim.driver() == driver
                    && claim.local().map(address -> isSame(address, local)).orElse(false)
                    && isSame(claim.remote(), remote)
                    && claim.parent().equals(parent);
        }

        private static boolean isSame(InetAddress address, String text) {
            return text.equals("any")
                    ? address.isAnyLocalAddress()
                    : IpFamily.literal(text).equals(Optional.of(address));
        }
    }
}
