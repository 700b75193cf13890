package dev.iptunnel.tunnel;

import dev.iptunnel.tunnel.ObservedLink.ObservedAddress;
import dev.iptunnel.tunnel.Operation.AddAddress;
import dev.iptunnel.tunnel.Operation.AddTunnel;
import dev.iptunnel.tunnel.Operation.ChangeTunnel;
import dev.iptunnel.tunnel.Operation.DeleteAddress;
import dev.iptunnel.tunnel.Operation.DeleteTunnel;
import dev.iptunnel.tunnel.Operation.SetLink;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** Compares a desired tunnel with what the kernel holds. Pure: the same arguments give the same decision. */
public final class Planner {
    private Planner() {}

    /** What to do so that the kernel holds the desired tunnel, and nothing that is not ours is touched. */
    public static Decision plan(DesiredTunnel desired, Observation observed) {
        Optional<Refusal> refusal = Ownership.refuse(desired, observed);
        if (refusal.isPresent()) {
            return refusal.get();
        }
        TunnelParameters wanted =
                desired.parameters(observed.parent().map(ObservedLink::index).orElse(0));
        List<Operation> operations = new ArrayList<>();
        observed.strays().stream().flatMap(stray -> delete(stray).stream()).forEach(operations::add);
        int mtu = desired.mtu().orElseGet(() -> TunnelMtu.derived(wanted, observed.outerMtu()));
        Optional<ObservedLink> named = observed.named();
        if (named.isPresent() && tunnelOf(named.get()).canBecome(wanted)) {
            converge(operations, named.get(), desired, wanted, mtu);
        } else {
            named.flatMap(Planner::delete).ifPresent(operations::add);
            create(operations, desired, wanted, mtu);
        }
        return new Plan(operations);
    }

    /** The removal of a tunnel whose object is gone; the caller has made sure of both. */
    public static Plan remove(ObservedLink link) {
        boolean retained = link.mark()
                .filter(mark -> mark.deletionPolicy() == DeletionPolicy.RETAIN)
                .isPresent();
        return new Plan((retained ? unmark(link) : delete(link)).stream().toList());
    }

    private static Optional<Operation> unmark(ObservedLink link) {
        return Optional.of(new SetLink(
                OptionalInt.of(link.index()), link.name(), Optional.of(""), OptionalInt.empty(), Optional.empty()));
    }

    private static Optional<Operation> delete(ObservedLink link) {
        return link.tunnel().map(tunnel -> new DeleteTunnel(link.index(), link.name(), tunnel.driver(), link.alias()));
    }

    private static void create(List<Operation> operations, DesiredTunnel desired, TunnelParameters wanted, int mtu) {
        String name = desired.interfaceName();
        operations.add(new AddTunnel(name, wanted, desired.parent()));
        operations.add(new SetLink(
                OptionalInt.empty(),
                name,
                Optional.of(desired.mark().toString()),
                OptionalInt.of(mtu),
                desired.up() ? Optional.of(true) : Optional.empty()));
        for (IpPrefix address : desired.addresses()) {
            operations.add(new AddAddress(OptionalInt.empty(), name, address));
        }
    }

    private static void converge(
            List<Operation> operations, ObservedLink link, DesiredTunnel desired, TunnelParameters wanted, int mtu) {
        String alias = desired.mark().toString();
        SetLink set = new SetLink(
                OptionalInt.of(link.index()),
                link.name(),
                link.alias().equals(alias) ? Optional.empty() : Optional.of(alias),
                link.mtu() == mtu ? OptionalInt.empty() : OptionalInt.of(mtu),
                link.up() == desired.up() ? Optional.empty() : Optional.of(desired.up()));
        // A change replaces all parameters: an fwmark or an inherited flow label that somebody set goes as well.
        boolean changes = !tunnelOf(link).equals(wanted) || !link.unmanaged().isEmpty();
        if (changes) {
            // The driver may reset the MTU without telling IPv6 (no notifier), so it is set on both sides of the
            // change.
            setUnlessEmpty(operations, new SetLink(set.index(), set.name(), set.alias(), set.mtu(), Optional.empty()));
            operations.add(new ChangeTunnel(link.index(), link.name(), wanted, desired.parent()));
            operations.add(new SetLink(set.index(), set.name(), Optional.empty(), OptionalInt.of(mtu), set.up()));
        } else {
            setUnlessEmpty(operations, set);
        }
        boolean goesDown = link.up() && !desired.up();
        List<ObservedAddress> kept = link.addresses().stream()
                .filter(address -> !goesDown || IpFamily.of(address.prefix().address()) == IpFamily.IPV4)
                .toList();
        convergeAddresses(operations, link, kept, desired.addresses());
    }

    private static void setUnlessEmpty(List<Operation> operations, SetLink set) {
        if (set.alias().isPresent() || set.mtu().isPresent() || set.up().isPresent()) {
            operations.add(set);
        }
    }

    /** Somebody else's addresses stay; one of theirs that is also desired is as good as ours. */
    private static void convergeAddresses(
            List<Operation> operations, ObservedLink link, List<ObservedAddress> observed, List<IpPrefix> desired) {
        List<IpPrefix> present = observed.stream().map(ObservedAddress::prefix).toList();
        observed.stream()
                .filter(address -> address.ours() && !desired.contains(address.prefix()))
                .forEach(address -> operations.add(new DeleteAddress(link.index(), link.name(), address.prefix())));
        desired.stream()
                .filter(address -> !present.contains(address))
                .forEach(address -> operations.add(new AddAddress(OptionalInt.of(link.index()), link.name(), address)));
    }

    private static TunnelParameters tunnelOf(ObservedLink link) {
        return link.tunnel().orElseThrow(() -> new IllegalStateException(link.name() + " is no tunnel"));
    }
}
