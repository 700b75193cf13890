package dev.iptunnel.set.change;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.iptunnel.set.ChildTunnel;
import dev.iptunnel.set.Edge;
import dev.iptunnel.set.FleetNode;
import dev.iptunnel.set.SetNames;
import dev.iptunnel.set.SetProblem;
import dev.iptunnel.set.TunnelSet;
import dev.iptunnel.set.address.Allocations;
import dev.iptunnel.set.address.Allocator;
import dev.iptunnel.set.child.ChildManifest;
import dev.iptunnel.set.child.ChildTarget;
import dev.iptunnel.set.child.SetChildren;
import dev.iptunnel.set.member.Edges;
import dev.iptunnel.set.member.Member;
import dev.iptunnel.set.member.MemberMemory;
import dev.iptunnel.set.member.Members;
import dev.iptunnel.set.member.SetBuilder;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A cluster in memory: each pass plans a set and writes all that the plan asks for. */
final class PlannedFleet {
    final Map<String, FleetNode> nodes = new TreeMap<>();
    final Map<String, ChildTunnel> children = new TreeMap<>();
    final List<Claim> claims = new ArrayList<>();
    final List<SetProblem> problems = new ArrayList<>();
    Allocations allocations = Allocations.NONE;
    int collisions;
    private TunnelSet set;
    private MemberMemory memory = MemberMemory.NONE;
    private RemovalGuard.Memory removals = RemovalGuard.Memory.NONE;
    private Duration time = Duration.ZERO;

    PlannedFleet(TunnelSet set) {
        this.set = set;
    }

    PlannedFleet set(TunnelSet other) {
        set = other;
        return this;
    }

    PlannedFleet with(FleetNode... added) {
        for (FleetNode node : added) {
            nodes.put(node.name(), node);
        }
        return this;
    }

    void elapse(Duration passed) {
        time = time.plus(passed);
    }

    /** As a controller that starts again. */
    void forget() {
        memory = MemberMemory.NONE;
        removals = RemovalGuard.Memory.NONE;
    }

    /** Plans and writes; the plan says what was written. */
    ChildPlan pass() {
        ChildPlan plan = plan();
        plan.diff().missing().forEach(this::create);
        plan.diff()
                .changed()
                .forEach(change -> put(change.manifest(), change.child().generation() + 1));
        plan.removal().removable().forEach(child -> children.remove(child.name()));
        collisions = plan.collisions();
        return plan;
    }

    /** Plans, and stores the addresses. */
    ChildPlan plan() {
        problems.clear();
        SetChildren found = SetChildren.of(set, children.values(), Set.of(set.uid()));
        List<ChildTunnel> existing = Stream.concat(found.byEdge().values().stream(), found.doubles().stream())
                .toList();
        Set<String> gone = existing.stream()
                .map(child -> child.edge().node())
                .filter(name -> !nodes.containsKey(name))
                .collect(Collectors.toSet());
        Members members = Members.of(set, nodes.values(), existing, gone, memory, time.toNanos());
        memory = members.memory();
        problems.addAll(members.unusable());
        Set<String> holding = existing.stream()
                .flatMap(child -> Stream.of(child.edge().node(), child.edge().peer()))
                .collect(Collectors.toSet());
        List<String> names =
                members.selectedMembers().stream().map(Member::name).toList();
        Allocator.Outcome addresses = Allocator.ensure(set, names, holding, allocations, SetBuilder.CREATED.plus(time));
        allocations = addresses.allocations();
        addresses.exhausted().ifPresent(problems::add);
        problems.addAll(addresses.problems());
        ChildPlan.Situation situation = new ChildPlan.Situation(
                set, members, allocations.addresses(), addresses.unserved(), found, claims, collisions);
        Edges edges = situation.edges();
        edges.problem().ifPresent(problem -> {
            throw new AssertionError(problem);
        });
        ChildPlan plan = ChildPlan.of(situation, edges, _ -> Optional.of(set.template()), removals, time.toNanos());
        removals = plan.removal().memory();
        problems.addAll(plan.problems());
        plan.removal().held().ifPresent(problems::add);
        return plan;
    }

    /** The set's tunnels as they are, by edge. */
    Map<Edge, ObjectNode> specs() {
        return children.values().stream().collect(Collectors.toMap(ChildTunnel::edge, ChildTunnel::spec));
    }

    ChildTunnel child(String node, String peer) {
        return children.values().stream()
                .filter(child -> child.edge().equals(new Edge(node, peer)))
                .findFirst()
                .orElseThrow();
    }

    Map<String, InetAddress> addresses() {
        return allocations.addresses();
    }

    private void create(ChildTarget target) {
        put(ChildManifest.render(set, target, "r1", set.template(), Map.of()), 1);
    }

    /** As the API server stores it: with defaults. */
    private void put(ChildManifest manifest, long generation) {
        ObjectNode spec = SetBuilder.json("{\"adminState\": \"Up\", \"ttl\": 64, \"deletionPolicy\": \"Delete\"}");
        spec.setAll((ObjectNode) manifest.spec().deepCopy());
        children.put(
                manifest.target().tunnel(),
                new ChildTunnel(
                        manifest.target().tunnel(),
                        "uid-of-" + manifest.target().tunnel(),
                        "1",
                        generation,
                        manifest.metadata().at("/ownerReferences/0/uid").asText(),
                        manifest.target().edge(),
                        manifest.metadata()
                                .path("labels")
                                .path(SetNames.REVISION)
                                .asText(),
                        strings(manifest, "labels"),
                        strings(manifest, "annotations"),
                        spec,
                        false,
                        new ChildTunnel.Observed(
                                generation, "True", "TunnelUp", "", Optional.empty(), Optional.empty())));
    }

    private static Map<String, String> strings(ChildManifest manifest, String field) {
        return manifest.metadata().path(field).properties().stream()
                .collect(Collectors.toMap(
                        Map.Entry::getKey, entry -> entry.getValue().asText()));
    }

    /** The same child as somebody else left it. */
    static ChildTunnel edited(ChildTunnel child, String setUid, ObjectNode spec) {
        return new ChildTunnel(
                child.name(),
                child.uid(),
                child.resourceVersion(),
                child.generation(),
                setUid,
                child.edge(),
                child.revision(),
                child.labels(),
                child.annotations(),
                spec,
                child.deleting(),
                child.observed());
    }
}
