package dev.iptunnel.planner;

import dev.iptunnel.observation.ConnectedRoute;
import dev.iptunnel.observation.ConnectedRoutes;
import dev.iptunnel.observation.HeldNetwork;
import dev.iptunnel.observation.ObservedAddress;
import dev.iptunnel.observation.ObservedAddress.AddressFlag;
import dev.iptunnel.observation.ObservedLink;
import dev.iptunnel.observation.ObservedRoute;
import dev.iptunnel.observation.Surroundings;
import dev.iptunnel.plan.Operation;
import dev.iptunnel.plan.Operation.AddAddress;
import dev.iptunnel.plan.Operation.AddConnectedRoute;
import dev.iptunnel.plan.Operation.AddRoute;
import dev.iptunnel.plan.Operation.DeleteAddress;
import dev.iptunnel.plan.Operation.DeleteRoute;
import dev.iptunnel.plan.Reason;
import dev.iptunnel.plan.Refusal;
import dev.iptunnel.tunnel.DesiredTunnel;
import dev.iptunnel.tunnel.InnerAddress;
import dev.iptunnel.tunnel.InnerRoute;
import dev.iptunnel.tunnel.IpFamily;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.stream.Stream;

/**
 * Plans the addresses and routes of a tunnel's interface. Those of others stay; one of them that is also desired counts as
 * present. A refused one is left out, and the rest is added. One of ours that harms the node now is withdrawn.
 */
final class InnerNetwork {
    private final DesiredTunnel desired;
    private final List<InnerRoute> routes;
    private final RouteSafety safety;
    private final List<Operation> operations = new ArrayList<>();
    private final List<Refusal> refused = new ArrayList<>();

    /** @param vrfTable the table of the VRF that the interface is, or will be, a port of */
    InnerNetwork(DesiredTunnel desired, Surroundings surroundings, OptionalLong vrfTable) {
        this.desired = desired;
        this.routes = HeldNetwork.routes(desired, vrfTable);
        this.safety = new RouteSafety(desired, surroundings, vrfTable);
    }

    List<Operation> operations() {
        return operations;
    }

    List<Refusal> refused() {
        return refused;
    }

    /** Plans for an interface that the same plan creates. */
    void create() {
        addAddresses(OptionalInt.empty(), safe(desired.addresses().stream()));
        addRoutes(OptionalInt.empty(), routes);
    }

    /**
     * Removes the routes that a predecessor of the other inner protocol left. This comes before the mark is replaced,
     * because these routes are not read any more when the interface has our mark.
     */
    List<Operation> clear(ObservedLink link) {
        return link.routes().stream()
                .filter(route -> route.ours() && !isInner(route.route()))
                .map(route -> delete(link, route))
                .toList();
    }

    private boolean isInner(InnerRoute route) {
        return route.destination().family() == desired.mode().inner();
    }

    /**
     * Plans for an existing interface, which was set up or down before. Additions come before removals wherever the kernel
     * accepts both.
     */
    void converge(ObservedLink link) {
        boolean goesDown = link.up() && !desired.up();
        List<ObservedAddress> kept = link.addresses().stream()
                .filter(address -> !goesDown || address.prefix().family() == IpFamily.IPV4)
                .toList();
        AddressChange addresses = addressChange(kept, !link.up() && desired.up());
        if (addresses.isEmpty() && !goesDown) {
            restoreConnectedRoutes(link);
        }
        operations.addAll(addresses.additions(link));
        if (desired.mode().inner() == IpFamily.IPV4 && addresses.dropsRoutes()) {
            operations.addAll(addresses.deletions(link));
            addRoutes(OptionalInt.of(link.index()), routes);
        } else {
            convergeRoutes(link, goesDown ? List.of() : link.routes());
            operations.addAll(addresses.deletions(link));
        }
    }

    private void convergeRoutes(ObservedLink link, List<ObservedRoute> kept) {
        List<ObservedRoute> superfluous = kept.stream()
                .filter(ObservedRoute::ours)
                .filter(route -> isInner(route.route()))
                .filter(route -> routes.stream().noneMatch(route::stands) || safety.isHarmful(route.route()))
                .toList();
        deleteRoutes(link, superfluous.stream().filter(this::isInTheWay));
        addRoutes(
                OptionalInt.of(link.index()),
                routes.stream()
                        .filter(route -> !HeldNetwork.holds(link, route) || safety.isHarmful(route))
                        .toList());
        deleteRoutes(link, superfluous.stream().filter(route -> !isInTheWay(route)));
    }

    private boolean isInTheWay(ObservedRoute old) {
        return routes.stream().anyMatch(old.route()::isSameEntryAs);
    }

    private void deleteRoutes(ObservedLink link, Stream<ObservedRoute> superfluous) {
        superfluous.map(route -> delete(link, route)).forEach(operations::add);
    }

    private static Operation delete(ObservedLink link, ObservedRoute route) {
        return new DeleteRoute(link.index(), link.name(), route.route(), route.details());
    }

    /** Restores the routes that the kernel added for the addresses, and that somebody removed. */
    private void restoreConnectedRoutes(ObservedLink link) {
        link.addresses().stream()
                .filter(address -> desired.addresses().stream().anyMatch(address::stands))
                .forEach(address -> restoreConnectedRoutes(link, address, ConnectedRoutes.missing(link, address)));
    }

    private void restoreConnectedRoutes(ObservedLink link, ObservedAddress address, List<ConnectedRoute> missing) {
        if (missing.isEmpty() || !isSafe(safety.refuse(address.address()))) {
            return;
        }
        boolean notByRoute = missing.stream().anyMatch(ConnectedRoute::comesWithAddressOnly);
        if (!address.ours() && (notByRoute || address.flags().contains(AddressFlag.NO_PREFIX_ROUTE))) {
            refused.add(new Refusal(
                    Reason.ADDRESS_CONFLICT,
                    "somebody else gave the interface " + address.address()
                            + " (spec.addresses), and the route to "
                            + missing.getFirst().destination()
                            + " that belongs to it is missing; remove the address, and the agent adds it again"));
        } else if (notByRoute) {
            operations.add(new DeleteAddress(link.index(), link.name(), address.address()));
            operations.add(new AddAddress(OptionalInt.of(link.index()), link.name(), address.address()));
        } else {
            // IPv6 addresses of one network share the route to it.
            missing.stream()
                    .map(route -> new AddConnectedRoute(link.index(), link.name(), route))
                    .filter(add -> !operations.contains(add))
                    .forEach(operations::add);
        }
    }

    private AddressChange addressChange(List<ObservedAddress> kept, boolean comesUp) {
        List<ObservedAddress> superfluous = kept.stream()
                .filter(address -> address.ours()
                        && ((desired.addresses().stream().noneMatch(address::stands) && !isIrreplaceable(address))
                                || (comesUp && isWithoutRouteToPeer(address))
                                || safety.isHarmful(address.address())))
                .toList();
        List<ObservedAddress> staying =
                kept.stream().filter(address -> !superfluous.contains(address)).toList();
        List<InnerAddress> added = safe(desired.addresses().stream()
                .filter(address -> staying.stream().noneMatch(other -> other.stands(address))));
        return new AddressChange(superfluous, staying, added);
    }

    /** An address that only lacks what is wanted of it stays where the one that would replace it is refused. */
    private boolean isIrreplaceable(ObservedAddress address) {
        return desired.addresses().stream()
                .anyMatch(wanted -> wanted.prefix().equals(address.prefix())
                        && wanted.peer().equals(address.peer())
                        && safety.refuse(wanted).isPresent());
    }

    /** The kernel adds this route with an address, but not when the interface goes up. */
    private static boolean isWithoutRouteToPeer(ObservedAddress address) {
        return address.peer().isPresent() && address.prefix().family() == IpFamily.IPV6;
    }

    private List<InnerAddress> safe(Stream<InnerAddress> addresses) {
        return addresses.filter(address -> isSafe(safety.refuse(address))).toList();
    }

    private void addAddresses(OptionalInt index, List<InnerAddress> addresses) {
        addresses.forEach(address -> operations.add(new AddAddress(index, desired.interfaceName(), address)));
    }

    private void addRoutes(OptionalInt index, List<InnerRoute> added) {
        added.stream()
                .filter(route -> isSafe(safety.refuse(route)))
                .forEach(route -> operations.add(new AddRoute(index, desired.interfaceName(), route)));
    }

    private boolean isSafe(Optional<Refusal> refusal) {
        refusal.ifPresent(refused::add);
        return refusal.isEmpty();
    }
}
