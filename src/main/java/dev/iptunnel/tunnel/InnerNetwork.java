package dev.iptunnel.tunnel;

import dev.iptunnel.tunnel.ObservedLink.ObservedAddress;
import dev.iptunnel.tunnel.ObservedLink.ObservedRoute;
import dev.iptunnel.tunnel.Operation.AddAddress;
import dev.iptunnel.tunnel.Operation.AddRoute;
import dev.iptunnel.tunnel.Operation.DeleteRoute;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;

/**
 * Plans the addresses and routes of a tunnel's interface. Somebody else's stay; one of theirs that is also desired is as
 * good as ours. One that is refused is left out, and the others are made; one of ours that has come to harm the node is
 * withdrawn.
 */
final class InnerNetwork {
    private final DesiredTunnel desired;
    private final RouteSafety safety;
    private final List<Operation> operations = new ArrayList<>();
    private final List<Refusal> refused = new ArrayList<>();

    InnerNetwork(DesiredTunnel desired, Surroundings surroundings) {
        this.desired = desired;
        this.safety = new RouteSafety(desired, surroundings);
    }

    List<Operation> operations() {
        return operations;
    }

    List<Refusal> refused() {
        return refused;
    }

    /** Whether nothing is to be added. */
    static boolean isComplete(DesiredTunnel desired, ObservedLink link) {
        return addressesOf(link).containsAll(desired.addresses())
                && routes(desired).stream().allMatch(route -> holds(link, route));
    }

    /** A link that is down has no routes, and the kernel takes none for it. */
    private static List<InnerRoute> routes(DesiredTunnel desired) {
        return desired.up() ? desired.routes() : List.of();
    }

    private static List<InnerAddress> addressesOf(ObservedLink link) {
        return link.addresses().stream().map(ObservedAddress::address).toList();
    }

    private static boolean holds(ObservedLink link, InnerRoute route) {
        return link.routes().stream().anyMatch(observed -> observed.route().equalsInKernel(route));
    }

    /** For an interface that the plan makes. */
    void create() {
        addAddresses(OptionalInt.empty(), safe(desired.addresses().stream()));
        addRoutes(OptionalInt.empty(), routes(desired));
    }

    /**
     * Removes what an object of the other inner protocol left. It comes before the mark is replaced: an interface with our
     * mark is not looked at for these.
     */
    List<Operation> clear(ObservedLink link) {
        return link.routes().stream()
                .filter(route -> route.ours() && !isInner(route.route()))
                .<Operation>map(route -> new DeleteRoute(link.index(), link.name(), route.route()))
                .toList();
    }

    private boolean isInner(InnerRoute route) {
        return IpFamily.of(route.destination().address()) == desired.mode().inner();
    }

    /**
     * For one that is there; its settings up and down are made before. What is new comes before what goes, wherever the
     * kernel takes both.
     */
    void converge(ObservedLink link) {
        boolean goesDown = link.up() && !desired.up();
        List<ObservedAddress> kept = link.addresses().stream()
                .filter(address -> !goesDown || IpFamily.of(address.prefix().address()) == IpFamily.IPV4)
                .toList();
        AddressChange addresses = addressChange(kept, !link.up() && desired.up());
        operations.addAll(addresses.additions(link));
        if (desired.mode().inner() == IpFamily.IPV4 && addresses.dropsRoutes()) {
            operations.addAll(addresses.deletions(link));
            addRoutes(OptionalInt.of(link.index()), routes(desired));
        } else {
            convergeRoutes(link, goesDown ? List.of() : link.routes());
            operations.addAll(addresses.deletions(link));
        }
    }

    private void convergeRoutes(ObservedLink link, List<ObservedRoute> kept) {
        List<InnerRoute> superfluous = kept.stream()
                .filter(ObservedRoute::ours)
                .map(ObservedRoute::route)
                .filter(this::isInner)
                .filter(route -> routes(desired).stream().noneMatch(route::equalsInKernel) || safety.isHarmful(route))
                .toList();
        deleteRoutes(link, superfluous.stream().filter(this::isInTheWay));
        addRoutes(
                OptionalInt.of(link.index()),
                routes(desired).stream()
                        .filter(route ->
                                !holds(link, route) || superfluous.stream().anyMatch(route::equalsInKernel))
                        .toList());
        deleteRoutes(link, superfluous.stream().filter(route -> !isInTheWay(route)));
    }

    private boolean isInTheWay(InnerRoute old) {
        return routes(desired).stream().anyMatch(old::isSameEntryAs);
    }

    private void deleteRoutes(ObservedLink link, Stream<InnerRoute> routes) {
        routes.forEach(route -> operations.add(new DeleteRoute(link.index(), link.name(), route)));
    }

    private AddressChange addressChange(List<ObservedAddress> kept, boolean comesUp) {
        List<ObservedAddress> superfluous = kept.stream()
                .filter(address -> address.ours()
                        && (!desired.addresses().contains(address.address())
                                || (comesUp && isWithoutRouteToPeer(address))
                                || safety.isHarmful(address.address())))
                .toList();
        List<ObservedAddress> staying =
                kept.stream().filter(address -> !superfluous.contains(address)).toList();
        List<InnerAddress> added = safe(desired.addresses().stream().filter(address -> staying.stream()
                .noneMatch(other -> other.address().equals(address))));
        return new AddressChange(superfluous, staying, added);
    }

    /** The kernel makes none when the interface comes up, only when it is given the address while up. */
    private static boolean isWithoutRouteToPeer(ObservedAddress address) {
        return address.peer().isPresent() && IpFamily.of(address.prefix().address()) == IpFamily.IPV6;
    }

    private List<InnerAddress> safe(Stream<InnerAddress> addresses) {
        return addresses.filter(address -> isSafe(safety.refuse(address))).toList();
    }

    private void addAddresses(OptionalInt index, List<InnerAddress> addresses) {
        addresses.forEach(address -> operations.add(new AddAddress(index, desired.interfaceName(), address)));
    }

    private void addRoutes(OptionalInt index, List<InnerRoute> routes) {
        routes.stream()
                .filter(route -> isSafe(safety.refuse(route)))
                .forEach(route -> operations.add(new AddRoute(index, desired.interfaceName(), route)));
    }

    private boolean isSafe(Optional<Refusal> refusal) {
        refusal.ifPresent(refused::add);
        return refusal.isEmpty();
    }
}
