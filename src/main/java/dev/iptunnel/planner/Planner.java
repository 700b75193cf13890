package dev.iptunnel.planner;

import dev.iptunnel.observation.Inet6Setting;
import dev.iptunnel.observation.Master;
import dev.iptunnel.observation.Observation;
import dev.iptunnel.observation.ObservedLink;
import dev.iptunnel.observation.ObservedLink.UnmanagedSetting;
import dev.iptunnel.plan.Decision;
import dev.iptunnel.plan.Displacement;
import dev.iptunnel.plan.InetSetting;
import dev.iptunnel.plan.Operation;
import dev.iptunnel.plan.Operation.AddTunnel;
import dev.iptunnel.plan.Operation.ChangeTunnel;
import dev.iptunnel.plan.Operation.ClearInet6Conf;
import dev.iptunnel.plan.Operation.DeleteAlternativeName;
import dev.iptunnel.plan.Operation.DeleteTunnel;
import dev.iptunnel.plan.Operation.RenameLink;
import dev.iptunnel.plan.Operation.SetInetConf;
import dev.iptunnel.plan.Operation.SetLink;
import dev.iptunnel.plan.Operation.SetMaster;
import dev.iptunnel.plan.Plan;
import dev.iptunnel.plan.Refusal;
import dev.iptunnel.tunnel.BirthGroup;
import dev.iptunnel.tunnel.DeletionPolicy;
import dev.iptunnel.tunnel.DesiredTunnel;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.Mark;
import dev.iptunnel.tunnel.TunnelMtu;
import dev.iptunnel.tunnel.TunnelParameters;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Compares a desired tunnel with what the kernel holds. Pure: the same arguments give the same decision. */
public final class Planner {
    private final DesiredTunnel desired;
    private final Observation observed;
    private final TunnelParameters wanted;
    private final int mtu;
    private final List<Operation> operations = new ArrayList<>();

    private Planner(DesiredTunnel desired, Observation observed, TunnelParameters wanted) {
        this.desired = desired;
        this.observed = observed;
        this.wanted = wanted;
        this.mtu = desired.mtu()
                .orElseGet(() -> observed.mtuInLoop().orElseGet(() -> TunnelMtu.derived(wanted, observed.outerMtu())));
    }

    /** What to do so that the kernel holds the desired tunnel, and nothing that is not ours is touched. */
    public static Decision plan(DesiredTunnel desired, Observation observed, Claims claims) {
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
     * The mark put back that somebody took off, or wrote over, a tunnel known to be ours. Whatever claims to be a mark is
     * left to whom it names.
     *
     * @param ifindex of the interface when it last carried the mark
     */
    public static Optional<Plan> remark(DesiredTunnel desired, Observation observed, OptionalInt ifindex) {
        return observed.named()
                .filter(link -> ifindex.equals(OptionalInt.of(link.index())) && !Mark.isClaimed(link.alias()))
                .filter(link -> Ownership.refuseForeignKind(link).isEmpty())
                .map(link -> new Plan(List.of(alias(link, desired.mark().toString()))));
    }

    /**
     * All that is done for a paused object: the mark of its own tunnel says that the tunnel is to be retained, in case the
     * object goes while nobody looks. Empty where the mark is right, or another's.
     */
    public static Optional<Plan> noteOfPause(DesiredTunnel desired, Observation observed) {
        return Stream.concat(observed.named().stream(), observed.strays().stream())
                .filter(link -> link.mark()
                        .filter(mark -> mark.isOf(desired.mark().manager())
                                && mark.uid().equals(desired.mark().uid())
                                && !mark.equals(desired.mark()))
                        .isPresent())
                .filter(link -> Ownership.refuseForeignKind(link).isEmpty())
                .map(link -> new Plan(List.of(alias(link, desired.mark().toString()))))
                .findFirst();
    }

    /** The removal of a tunnel whose object is gone, as its mark says; the caller has made sure of both. */
    public static Plan remove(ObservedLink link) {
        return remove(link, link.mark().map(Mark::deletionPolicy).orElse(DeletionPolicy.DELETE));
    }

    /** The removal of a tunnel whose object is gone, or of our mark on it; the caller has made sure of both. */
    public static Plan remove(ObservedLink link, DeletionPolicy policy) {
        return new Plan((policy == DeletionPolicy.RETAIN ? Optional.of(alias(link, "")) : DeleteTunnel.of(link))
                .stream().toList());
    }

    private static Operation alias(ObservedLink link, String alias) {
        return new SetLink(
                OptionalInt.of(link.index()), link.name(), Optional.of(alias), OptionalInt.empty(), Optional.empty());
    }

    private Plan plan(Ownership ownership, EndpointOwnership endpoints) {
        Optional<ObservedLink> renamed = renamed();
        observed.strays().stream()
                .filter(stray -> !renamed.equals(Optional.of(stray)))
                .flatMap(stray -> DeleteTunnel.of(stray).stream())
                .forEach(operations::add);
        operations.addAll(endpoints.makeWay());
        Optional<ObservedLink> kept = observed.named()
                .filter(link -> obstacle(link).isEmpty() && hasName(link))
                .or(() -> renamed.map(this::rename));
        Optional<Master> master = observed.vrf().or(() -> observed.named()
                .or(() -> observed.strays().stream().findFirst())
                .flatMap(ObservedLink::master));
        InnerNetwork inner = new InnerNetwork(
                desired, observed.surroundings(), master.map(Master::vrfTable).orElse(OptionalLong.empty()));
        if (kept.isPresent()) {
            operations.addAll(inner.clear(kept.get()));
            ObservedLink link = intoVrf(kept.get());
            converge(link);
            inner.converge(link);
        } else {
            observed.named().flatMap(DeleteTunnel::of).ifPresent(operations::add);
            create(master);
            inner.create();
        }
        operations.addAll(inner.operations());
        List<Displacement> displaced = Stream.of(observed.named().flatMap(ownership::displaced), endpoints.displaced())
                .flatMap(Optional::stream)
                .toList();
        return new Plan(operations, inner.refused(), disruption(), displaced);
    }

    private boolean hasName(ObservedLink link) {
        return link.name().equals(desired.interfaceName());
    }

    /** The tunnel, where it has another name, and the desired one is free, or an alternative one of its own. */
    private Optional<ObservedLink> renamed() {
        return observed.named().isPresent()
                ? observed.named()
                        .filter(link -> !hasName(link) && obstacle(link).isEmpty())
                : observed.strays().stream()
                        .filter(stray -> obstacle(stray).isEmpty())
                        .findFirst();
    }

    private boolean goesDownForRename(ObservedLink link) {
        return link.up() && !observed.renamesUp();
    }

    /** @return what the kernel has afterwards */
    private ObservedLink rename(ObservedLink link) {
        String name = desired.interfaceName();
        if (observed.named().equals(Optional.of(link))) {
            operations.add(new DeleteAlternativeName(link.index(), link.name(), name));
        }
        boolean goesDown = goesDownForRename(link);
        if (goesDown) {
            operations.add(new SetLink(
                    OptionalInt.of(link.index()),
                    link.name(),
                    Optional.empty(),
                    OptionalInt.empty(),
                    Optional.of(false)));
        }
        operations.add(new RenameLink(link.index(), link.name(), name));
        ObservedLink now = goesDown ? link.goneDown() : link;
        return now.toBuilder().name(name).build();
    }

    /**
     * Becoming a port of a VRF takes an interface down and up, which drops its routes and IPv6 addresses (cycle_netdev of
     * drivers/net/vrf.c): it is taken down before, so that all is added that goes.
     *
     * @return what the kernel has afterwards
     */
    private ObservedLink intoVrf(ObservedLink link) {
        if (observed.isInVrf(desired, link)) {
            return link;
        }
        if (link.up()) {
            operations.add(new SetLink(
                    OptionalInt.of(link.index()),
                    link.name(),
                    Optional.empty(),
                    OptionalInt.empty(),
                    Optional.of(false)));
        }
        observed.vrf()
                .map(vrf -> new SetMaster(OptionalInt.of(link.index()), link.name(), vrf))
                .ifPresent(operations::add);
        return link.goneDown().toBuilder().master(observed.vrf()).build();
    }

    /** Why the tunnel does not keep its ifindex, or goes down meanwhile. */
    private Optional<String> disruption() {
        return remaking().or(this::moving);
    }

    private Optional<String> moving() {
        return observed.named()
                .filter(link -> link.up() && !observed.isInVrf(desired, link))
                .flatMap(link -> observed.vrf()
                        .map(vrf -> "the VRF goes from "
                                + link.master().map(Master::name).orElse("none") + " to " + vrf.name()
                                + ": the interface is down meanwhile"));
    }

    private Optional<String> remaking() {
        String name = desired.interfaceName();
        Optional<ObservedLink> renamed = renamed();
        if (renamed.isPresent()) {
            return renamed.filter(this::goesDownForRename)
                    .map(link -> "the name goes from " + link.name() + " to " + name
                            + ": the interface is down meanwhile, for this kernel renames none that is up");
        }
        return observed.named()
                .filter(link -> !link.isHalfBorn(desired.mark().manager()))
                .flatMap(this::obstacle)
                .map(why -> why + ": the interface is removed and made anew, with another ifindex")
                .or(() -> observed.strays().stream()
                        .findFirst()
                        .map(stray -> "the name goes from " + stray.name() + " to " + name + ": " + stray.name()
                                + " is removed, and " + name + " has another ifindex"));
    }

    /** What keeps a change in place from making this link the desired one. */
    private Optional<String> obstacle(ObservedLink link) {
        String lasting = link.unmanaged().stream()
                .filter(setting -> !setting.clearedByChange())
                .map(UnmanagedSetting::text)
                .collect(Collectors.joining(", "));
        return lasting.isEmpty()
                ? tunnelOf(link).obstacleTo(wanted)
                : Optional.of("the driver does not take off " + lasting + " in place");
    }

    /** @param master that of the interface which this one takes the place of */
    private void create(Optional<Master> master) {
        String name = desired.interfaceName();
        Optional<Boolean> up = desired.up() ? Optional.of(true) : Optional.empty();
        operations.add(new AddTunnel(
                name, wanted, desired.parent(), BirthGroup.of(desired.mark().manager())));
        distrust(OptionalInt.empty(), name, EnumSet.allOf(Inet6Setting.class));
        operations.add(new SetLink(
                OptionalInt.empty(),
                name,
                Optional.of(desired.mark().toString()),
                OptionalInt.of(mtu),
                up.filter(_ -> master.isEmpty()),
                true));
        if (master.isPresent()) {
            operations.add(new SetMaster(OptionalInt.empty(), name, master.get()));
            setUnlessEmpty(new SetLink(OptionalInt.empty(), name, Optional.empty(), OptionalInt.empty(), up));
        }
        desired.reversePathFilter()
                .ifPresent(filter -> operations.add(
                        new SetInetConf(OptionalInt.empty(), name, InetSetting.RP_FILTER, filter.number())));
    }

    /** Before it goes up: the other end may send at once. */
    private void distrust(OptionalInt index, String name, Set<Inet6Setting> trusting) {
        if (desired.mode().inner() == IpFamily.IPV6 && observed.setsInet6Conf()) {
            trusting.stream().sorted().forEach(setting -> operations.add(new ClearInet6Conf(index, name, setting)));
        }
    }

    private void converge(ObservedLink link) {
        distrust(OptionalInt.of(link.index()), link.name(), link.settings().trusting());
        String alias = desired.mark().toString();
        SetLink set = new SetLink(
                OptionalInt.of(link.index()),
                link.name(),
                link.alias().equals(alias) ? Optional.empty() : Optional.of(alias),
                link.mtu() == mtu ? OptionalInt.empty() : OptionalInt.of(mtu),
                link.up() == desired.up() ? Optional.empty() : Optional.of(desired.up()),
                link.isHalfBorn(desired.mark().manager()));
        // A change replaces all parameters: an fwmark or other flags that somebody set go as well.
        boolean changes = !tunnelOf(link).equals(wanted) || !link.unmanaged().isEmpty();
        if (changes) {
            // The driver may reset the MTU without telling IPv6 (no notifier), so it is set on both sides of the
            // change.
            setUnlessEmpty(
                    new SetLink(set.index(), set.name(), set.alias(), set.mtu(), Optional.empty(), set.endsBirth()));
            operations.add(new ChangeTunnel(link.index(), link.name(), wanted, desired.parent()));
            operations.add(new SetLink(set.index(), set.name(), Optional.empty(), OptionalInt.of(mtu), set.up()));
        } else {
            setUnlessEmpty(set);
        }
        desired.reversePathFilter()
                .filter(filter -> !link.reversePathFilter().equals(OptionalInt.of(filter.number())))
                .ifPresent(filter -> operations.add(new SetInetConf(
                        OptionalInt.of(link.index()), link.name(), InetSetting.RP_FILTER, filter.number())));
    }

    private void setUnlessEmpty(SetLink set) {
        if (set.alias().isPresent() || set.mtu().isPresent() || set.up().isPresent()) {
            operations.add(set);
        }
    }

    private static TunnelParameters tunnelOf(ObservedLink link) {
        return link.tunnel().orElseThrow(() -> new IllegalStateException(link.name() + " is no tunnel"));
    }
}
