package dev.iptunnel.tunnel;

import dev.iptunnel.tunnel.ObservedLink.AddressFlag;
import dev.iptunnel.tunnel.ObservedLink.ObservedAddress;
import dev.iptunnel.tunnel.ObservedLink.ObservedRoute;
import dev.iptunnel.tunnel.Operation.AddAddress;
import dev.iptunnel.tunnel.Operation.AddRoute;
import dev.iptunnel.tunnel.Operation.DeleteAddress;
import dev.iptunnel.tunnel.Operation.DeleteRoute;
import dev.iptunnel.tunnel.Operation.InetConf;
import dev.iptunnel.tunnel.Operation.SetInetConf;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Plans the addresses and routes of a tunnel's interface. Somebody else's stay; one of theirs that is also desired is as
 * good as ours. One that is refused is left out, and the others are made.
 */
final class InnerNetwork {
    private static final int ENABLED = 1;

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
        add(OptionalInt.empty(), desired.addresses(), routes(desired));
    }

    /** For one that is there; its settings up and down are made before. */
    void converge(ObservedLink link) {
        boolean goesDown = link.up() && !desired.up();
        List<ObservedAddress> kept = link.addresses().stream()
                .filter(address -> !goesDown || IpFamily.of(address.prefix().address()) == IpFamily.IPV4)
                .toList();
        List<ObservedRoute> keptRoutes = goesDown ? List.of() : link.routes();
        keptRoutes.stream()
                .filter(route -> route.ours() && routes(desired).stream().noneMatch(route.route()::equalsInKernel))
                .forEach(route -> operations.add(new DeleteRoute(link.index(), link.name(), route.route())));
        deleteAddresses(link, kept);
        List<InnerAddress> present = kept.stream().map(ObservedAddress::address).toList();
        add(
                OptionalInt.of(link.index()),
                desired.addresses().stream()
                        .filter(address -> !present.contains(address))
                        .toList(),
                routes(desired).stream()
                        .filter(route -> goesDown || !holds(link, route))
                        .toList());
    }

    /** Secondary addresses first, since the kernel may take them along with their primary. */
    private void deleteAddresses(ObservedLink link, List<ObservedAddress> kept) {
        List<ObservedAddress> superfluous = kept.stream()
                .filter(address -> address.ours() && !desired.addresses().contains(address.address()))
                .sorted(Comparator.comparing(address -> !address.flags().contains(AddressFlag.SECONDARY)))
                .toList();
        List<ObservedAddress> staying =
                kept.stream().filter(address -> !superfluous.contains(address)).toList();
        if (superfluous.stream().anyMatch(address -> takesAlong(address, staying))) {
            operations.add(
                    new SetInetConf(OptionalInt.of(link.index()), link.name(), InetConf.PROMOTE_SECONDARIES, ENABLED));
        }
        superfluous.forEach(address -> operations.add(new DeleteAddress(link.index(), link.name(), address.address())));
    }

    private static boolean takesAlong(ObservedAddress address, List<ObservedAddress> staying) {
        return IpFamily.of(address.prefix().address()) == IpFamily.IPV4
                && !address.flags().contains(AddressFlag.SECONDARY)
                && staying.stream()
                        .anyMatch(other -> other.flags().contains(AddressFlag.SECONDARY)
                                && other.address()
                                        .network()
                                        .equals(address.address().network()));
    }

    private void add(OptionalInt index, List<InnerAddress> addresses, List<InnerRoute> routes) {
        for (InnerAddress address : addresses) {
            addUnless(safety.refuse(address), new AddAddress(index, desired.interfaceName(), address));
        }
        for (InnerRoute route : routes) {
            addUnless(safety.refuse(route), new AddRoute(index, desired.interfaceName(), route));
        }
    }

    private void addUnless(Optional<Refusal> refusal, Operation operation) {
        refusal.ifPresentOrElse(refused::add, () -> operations.add(operation));
    }
}
