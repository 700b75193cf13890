package dev.iptunnel.controller.reconcile;

import static java.util.stream.Collectors.toMap;
import static java.util.stream.Collectors.toSet;

import dev.iptunnel.api.v1alpha1.set.IpTunnelSet;
import dev.iptunnel.api.v1alpha1.set.IpTunnelSetStatus;
import dev.iptunnel.controller.cluster.Fleet;
import dev.iptunnel.controller.cluster.StoredTunnel;
import dev.iptunnel.controller.spec.SetReading;
import dev.iptunnel.controller.spec.TunnelSetReader;
import dev.iptunnel.controller.write.AddressStore;
import dev.iptunnel.controller.write.RevisionStore;
import dev.iptunnel.controller.write.SetStatusWriter;
import dev.iptunnel.controller.write.TunnelWrite;
import dev.iptunnel.controller.write.TunnelWriter;
import dev.iptunnel.schedule.Clocks;
import dev.iptunnel.set.ChildTunnel;
import dev.iptunnel.set.FleetNode;
import dev.iptunnel.set.SetNames;
import dev.iptunnel.set.TunnelSet;
import dev.iptunnel.set.change.Claim;
import dev.iptunnel.set.change.PoolConflict.OtherPool;
import dev.iptunnel.set.member.Members;
import dev.iptunnel.set.pass.PassInput;
import dev.iptunnel.set.pass.PassMemory;
import dev.iptunnel.set.pass.PassPlan;
import dev.iptunnel.set.pass.SetPass;
import dev.iptunnel.set.revision.Revision;
import dev.iptunnel.set.revision.Revisions;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Makes one pass over a set: reads what the cluster has, lets {@link SetPass} decide, and writes in an order in which a process
 * that ends in between does no harm: addresses, then the revision, then what the status must remember, then tunnels.
 */
public final class SetReconciler {
    private static final Duration SOON = Duration.ZERO;
    private static final Duration WHILE_SOMETHING_RUNS = Duration.ofSeconds(2);
    private static final Duration UNASKED = Duration.ofSeconds(30);

    private final Fleet fleet;
    private final Stores stores;
    private final SetEvents events;
    private final Clocks clocks;
    private final Predicate<String> isNodeGone;
    private final Predicate<IpTunnelSet> isGoing;
    private final Supplier<Set<String>> dead;
    private final Map<String, SetState> states = new ConcurrentHashMap<>();

    /** Where the controller reads and writes what its informers do not hold. */
    public record Stores(
            AddressStore addresses, RevisionStore revisions, TunnelWriter tunnels, SetStatusWriter statuses) {}

    /**
     * A reconciler.
     *
     * @param isNodeGone reads the Node directly
     * @param isGoing reads a set directly: whether it is being deleted, or is gone
     * @param dead the nodes whose agents do not respond
     */
    public SetReconciler(
            Fleet fleet,
            Stores stores,
            SetEvents events,
            Clocks clocks,
            Predicate<String> isNodeGone,
            Predicate<IpTunnelSet> isGoing,
            Supplier<Set<String>> dead) {
        this.fleet = fleet;
        this.stores = stores;
        this.events = events;
        this.clocks = clocks;
        this.isNodeGone = isNodeGone;
        this.isGoing = isGoing;
        this.dead = dead;
    }

    /** Makes a pass, and says when the next one is due if nothing changes. */
    public Duration pass(String name) {
        Optional<IpTunnelSet> object =
                fleet.set(name).filter(set -> set.getMetadata().getDeletionTimestamp() == null);
        if (object.isEmpty()) {
            states.remove(name);
            return UNASKED;
        }
        SetState state = states.compute(name, (_, before) -> SetState.of(before, object.get(), System.nanoTime()));
        return switch (TunnelSetReader.read(object.get())) {
            case SetReading.Invalid invalid -> {
                write(object.get(), state, halted(object.get(), state).invalid(invalid.findings()));
                yield UNASKED;
            }
            case SetReading.Valid valid -> pass(object.get(), valid.set(), state);
        };
    }

    private HaltedStatus halted(IpTunnelSet object, SetState state) {
        return new HaltedStatus(object, state.status(object, System.nanoTime()), clocks.wall());
    }

    private Duration pass(IpTunnelSet object, TunnelSet set, SetState state) {
        List<FleetNode> nodes = fleet.nodes();
        if (!fleet.isCurrent() || nodes.isEmpty()) {
            if (state.isBlindForLong(System.nanoTime())) {
                write(object, state, halted(object, state).blind());
            }
            return WHILE_SOMETHING_RUNS;
        }
        state.sees();
        Optional<AddressStore.Stored> stored =
                set.pool().isEmpty() ? Optional.empty() : stores.addresses().read(set.name());
        PassInput around = surroundings(object, set, nodes, stored, state, Set.of());
        Members members = SetPass.members(set, around, state.memory);
        if (!members.toConfirm().isEmpty()) {
            Set<String> gone = members.toConfirm().stream().filter(isNodeGone).collect(toSet());
            around = surroundings(object, set, nodes, stored, state, gone);
        }
        return switch (SetPass.plan(set, around, state.memory)) {
            case SetPass.Result.Halted halted -> {
                state.memory = new PassMemory(halted.memory(), state.memory.removals(), state.memory.sightings());
                write(object, state, halted(object, state).stalled(halted.problem()));
                yield UNASKED;
            }
            case SetPass.Result.Planned planned -> execute(object, planned.plan(), stored, around.revisions(), state);
        };
    }

    private PassInput surroundings(
            IpTunnelSet object,
            TunnelSet set,
            List<FleetNode> nodes,
            Optional<AddressStore.Stored> stored,
            SetState state,
            Set<String> gone) {
        List<StoredTunnel> tunnels = fleet.tunnels();
        Map<String, IpTunnelSet> sets =
                fleet.sets().stream().collect(toMap(other -> other.getMetadata().getUid(), other -> other));
        Predicate<StoredTunnel> isLabelled =
                tunnel -> set.name().equals(tunnel.labels().get(SetNames.SET));
        List<ChildTunnel> labelled =
                tunnels.stream().filter(isLabelled).map(StoredTunnel::asChild).toList();
        List<Claim> claims = tunnels.stream()
                .filter(isLabelled.negate())
                .flatMap(tunnel -> TunnelClaims.of(tunnel, sets).stream())
                .toList();
        Optional<IpTunnelSetStatus> status = state.status(object, System.nanoTime());
        return new PassInput(
                nodes,
                labelled,
                sets.keySet(),
                claims,
                sets.values().stream()
                        .filter(other -> !other.getMetadata().getUid().equals(set.uid()))
                        .flatMap(SetReconciler::pool)
                        .toList(),
                dead.get(),
                gone,
                StoredAddresses.of(stored, set),
                new Revisions(
                        set.name(),
                        stores.revisions().read(set.name(), set.uid()),
                        status.map(IpTunnelSetStatus::currentRevision),
                        status.map(IpTunnelSetStatus::failedRevisions).orElse(List.of())),
                status.map(IpTunnelSetStatus::collisionCount).orElse(0),
                state.retried,
                System.nanoTime(),
                clocks.wall().instant());
    }

    private static Stream<OtherPool> pool(IpTunnelSet other) {
        return TunnelSetReader.read(other) instanceof SetReading.Valid valid
                ? valid.set().pool().stream()
                        .map(ranges -> new OtherPool(
                                valid.set().name(),
                                valid.set().uid(),
                                valid.set().created(),
                                ranges))
                : Stream.empty();
    }

    private Duration execute(
            IpTunnelSet object,
            PassPlan plan,
            Optional<AddressStore.Stored> stored,
            Revisions revisions,
            SetState state) {
        if ((plan.takesOver() || StoredAddresses.areTakenOver(plan, stored)) && isGoing.test(object)) {
            return WHILE_SOMETHING_RUNS;
        }
        StoredAddresses.toBeStored(plan, stored)
                .ifPresent(addresses -> stores.addresses().write(object, addresses.toData(), stored));
        if (plan.revision().isNew()) {
            stores.revisions().create(object, plan.revision().revision());
        }
        SetAnnouncements announcements = new SetAnnouncements(events, object, plan);
        PassStatus status = new PassStatus(
                object, state.status(object, System.nanoTime()), plan, dead.get(), revisions, clocks.wall());
        if (status.mustBeWrittenFirst()) {
            write(object, state, status.of(List.of()));
            plan.decision().failure().ifPresent(announcements::failed);
        }
        TunnelWriter.Outcome outcome =
                plan.decision().failure().isPresent() ? TunnelWriter.Outcome.NOTHING : tunnels(plan, announcements);
        state.memory = plan.memory();
        state.retried = plan.retried();
        write(object, state, status.of(outcome.refused()));
        announcements.done();
        prune(plan, revisions);
        boolean runs = plan.progress().stream().anyMatch(node -> !node.available() && node.ready());
        // After a pass that begins another try, nothing else wakes the set: its nodes may all have the good revision.
        if (outcome.left() > 0
                || plan.decision().failure().isPresent()
                || plan.decision().goal().retry()) {
            return SOON;
        }
        return runs || plan.decision().done() ? WHILE_SOMETHING_RUNS : lookAgain(plan);
    }

    private TunnelWriter.Outcome tunnels(PassPlan plan, SetAnnouncements announcements) {
        List<TunnelWrite> writes = Stream.concat(
                        plan.deletions().stream().map(SetReconciler::deletion),
                        plan.applications().stream().map(SetReconciler::application))
                .toList();
        try {
            TunnelWriter.Outcome outcome = stores.tunnels().execute(writes);
            announcements.written(outcome);
            return outcome;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new TunnelWriter.Outcome(0, writes.size(), List.of());
        }
    }

    private static TunnelWrite deletion(ChildTunnel child) {
        return new TunnelWrite.Delete(child.name(), child.edge().node(), child.uid(), child.resourceVersion());
    }

    private static TunnelWrite application(PassPlan.Application application) {
        return new TunnelWrite.Apply(
                application.manifest().target().tunnel(),
                application.manifest().target().edge().node(),
                application.manifest().object());
    }

    private static Duration lookAgain(PassPlan plan) {
        return Stream.of(plan.members().lookAgain(), plan.plan().removal().lookAgain(), Optional.of(UNASKED))
                .flatMap(Optional::stream)
                .min(Duration::compareTo)
                .orElse(UNASKED);
    }

    private void prune(PassPlan plan, Revisions revisions) {
        if (!plan.decision().done()) {
            return;
        }
        Set<String> used = new HashSet<>();
        plan.children().byEdge().values().forEach(child -> used.add(child.revision()));
        used.add(plan.revision().revision().name());
        for (Revision old : revisions.superfluous(plan.set().revisionHistoryLimit(), used)) {
            stores.revisions().delete(old);
        }
    }

    /** Only if it says something new. */
    private void write(IpTunnelSet object, SetState state, IpTunnelSetStatus status) {
        state.found(status);
        if (state.isToBeWritten(object, status, System.nanoTime())) {
            stores.statuses().write(object, status);
            state.wrote(status, System.nanoTime());
        }
    }

    /** What is known of each set, by name. */
    public Map<String, IpTunnelSetStatus> statuses() {
        Map<String, IpTunnelSetStatus> known = new TreeMap<>();
        states.forEach((name, state) -> state.latest().ifPresent(status -> known.put(name, status)));
        return known;
    }
}
