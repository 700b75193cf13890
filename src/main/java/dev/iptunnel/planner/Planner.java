package dev.iptunnel.planner;

import dev.iptunnel.observation.Master;
import dev.iptunnel.observation.Observation;
import dev.iptunnel.observation.ObservedLink;
import dev.iptunnel.plan.Decision;
import dev.iptunnel.plan.Displacement;
import dev.iptunnel.plan.Operation;
import dev.iptunnel.plan.Operation.DeleteTunnel;
import dev.iptunnel.plan.Operation.SetLink;
import dev.iptunnel.plan.Plan;
import dev.iptunnel.plan.Refusal;
import dev.iptunnel.tunnel.DeletionPolicy;
import dev.iptunnel.tunnel.DesiredTunnel;
import dev.iptunnel.tunnel.Mark;
import dev.iptunnel.tunnel.TunnelMtu;
import dev.iptunnel.tunnel.TunnelParameters;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.stream.Stream;

/** Compares a desired tunnel with what the kernel holds. Pure: the same arguments give the same decision. */
public final class Planner {
    private final DesiredTunnel desired;
    private final Observation observed;
    private final TunnelParameters wanted;
    private final int mtu;
    private final Reuse reuse;

    private Planner(DesiredTunnel desired, Observation observed, TunnelParameters wanted) {
        this.desired = desired;
        this.observed = observed;
        this.wanted = wanted;
        this.reuse = new Reuse(desired, observed, wanted);
        this.mtu = desired.mtu()
                .orElseGet(() -> observed.mtuInLoop().orElseGet(() -> TunnelMtu.derived(wanted, observed.outerMtu())));
    }

    /** The changes after which the kernel holds the desired tunnel; they change nothing that is not ours. */
    public static Decision plan(DesiredTunnel desired, Observation observed, Claims claims) {
        Decision decision = decide(desired, observed, claims);
        return decision instanceof Refusal refusal ? Withdrawal.from(desired, observed, refusal) : decision;
    }

    private static Decision decide(DesiredTunnel desired, Observation observed, Claims claims) {
        Ownership ownership = new Ownership(desired, claims);
        Optional<Refusal> refusal = observed.named()
                .flatMap(link -> AlternativeName.refuse(desired, link).or(() -> Ownership.refuseForeignKind(link)))
                .or(() -> Outer.refuseParent(desired, observed))
                .or(ownership::refuseYounger);
        if (refusal.isPresent()) {
            return refusal.get();
        }
        Optional<Refusal> outsideVrf = Vrf.refuse(desired, observed);
        if (outsideVrf.isPresent()) {
            return Vrf.without(desired, observed, outsideVrf.get());
        }
        Optional<TunnelParameters> wanted = observed.wanted(desired);
        if (wanted.isEmpty()) {
            return Outer.localNotFound(desired, observed);
        }
        Planner planner = new Planner(desired, observed, wanted.get());
        EndpointOwnership endpoints = new EndpointOwnership(desired, wanted.get(), observed, claims);
        return observed.named()
                .flatMap(link -> ownership.refuseForeignTunnel(
                        link, wanted.get(), planner.mtu, Vrf.difference(desired, observed, link)))
                .or(endpoints::refuse)
                .<Decision>map(refused -> refused)
                .or(endpoints::yielding)
                .orElseGet(() -> planner.plan(ownership, endpoints));
    }

    /**
     * Restores the mark of a tunnel of ours, if somebody removed or overwrote it. Another mark is left as it is.
     *
     * @param ifindex the ifindex of the interface when it last had the mark
     */
    public static Optional<Plan> remark(DesiredTunnel desired, Observation observed, OptionalInt ifindex) {
        return observed.named()
                .filter(link -> ifindex.equals(OptionalInt.of(link.index())) && !Mark.isClaimed(link.alias()))
                .filter(link -> Ownership.refuseForeignKind(link).isEmpty())
                .map(link -> new Plan(List.of(SetLink.alias(link, desired.mark().toString()))));
    }

    /**
     * The only change for a paused object: the mark of its tunnel says that the tunnel is retained, in case the object is
     * deleted while no agent runs. Empty if the mark is right, or is that of another object.
     */
    public static Optional<Plan> noteOfPause(DesiredTunnel desired, Observation observed) {
        return Stream.concat(observed.named().stream(), observed.strays().stream())
                .filter(link -> link.mark()
                        .filter(mark -> mark.isOf(desired.mark().manager())
                                && mark.uid().equals(desired.mark().uid())
                                && !mark.equals(desired.mark()))
                        .isPresent())
                .filter(link -> Ownership.refuseForeignKind(link).isEmpty())
                .map(link -> new Plan(List.of(SetLink.alias(link, desired.mark().toString()))))
                .findFirst();
    }

    /**
     * Removes the tunnel of a deleted object, as its mark says. The caller has checked that the tunnel is ours, and its
     * object gone.
     */
    public static Plan remove(ObservedLink link) {
        return remove(link, link.mark().map(Mark::deletionPolicy).orElse(DeletionPolicy.DELETE));
    }

    /**
     * Removes the tunnel of a deleted object, or only its mark. The caller has checked that the tunnel is ours, and its
     * object gone.
     */
    public static Plan remove(ObservedLink link, DeletionPolicy policy) {
        return new Plan(
                policy == DeletionPolicy.RETAIN
                        ? List.of(SetLink.alias(link, ""))
                        : DeleteTunnel.of(link).stream().toList());
    }

    private Plan plan(Ownership ownership, EndpointOwnership endpoints) {
        Optional<Master> master = master();
        List<Operation> operations = new ArrayList<>();
        TunnelInterface tunnel = new TunnelInterface(desired, observed, wanted, mtu, operations);
        InnerNetwork inner = new InnerNetwork(
                desired, observed.surroundings(), master.map(Master::vrfTable).orElse(OptionalLong.empty()));
        reuse.superfluous().flatMap(stray -> DeleteTunnel.of(stray).stream()).forEach(operations::add);
        operations.addAll(endpoints.makeWay());
        Optional<ObservedLink> kept = reuse.kept().or(() -> reuse.renamed().map(tunnel::rename));
        if (kept.isPresent()) {
            operations.addAll(inner.clear(kept.get()));
            ObservedLink link = tunnel.intoVrf(kept.get());
            tunnel.converge(link);
            inner.converge(link);
        } else {
            observed.named().flatMap(DeleteTunnel::of).ifPresent(operations::add);
            tunnel.create(master);
            inner.create();
        }
        operations.addAll(inner.operations());
        List<Displacement> displaced = Stream.of(observed.named().flatMap(ownership::displaced), endpoints.displaced())
                .flatMap(Optional::stream)
                .toList();
        return new Plan(operations, inner.refused(), reuse.disruption(), displaced);
    }

    /** The VRF that the spec names, or else the master of the present interface. */
    private Optional<Master> master() {
        return observed.vrf().or(() -> observed.named()
                .or(() -> observed.strays().stream().findFirst())
                .flatMap(ObservedLink::master));
    }
}
