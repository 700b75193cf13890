package dev.iptunnel.planner;

import dev.iptunnel.observation.ObservedAddress;
import dev.iptunnel.observation.ObservedAddress.AddressFlag;
import dev.iptunnel.observation.ObservedLink;
import dev.iptunnel.observation.ObservedLink.UnmanagedSetting;
import dev.iptunnel.observation.ObservedRoute;
import dev.iptunnel.observation.RouteDetails;
import dev.iptunnel.plan.Operation;
import dev.iptunnel.plan.Plan;
import dev.iptunnel.tunnel.DeletionPolicy;
import dev.iptunnel.tunnel.InnerRoute;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.IpPrefix;
import dev.iptunnel.tunnel.Mark;
import dev.iptunnel.tunnel.Marks;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Stream;

/** A change that happens to a tunnel of the model between two plans. */
enum Disturbance {
    NOTHING,
    MTU_CHANGED,
    UP,
    DOWN,
    PREDECESSORS_MARK,
    FOREIGN_ADDRESS,
    FOREIGN_SECONDARY_ADDRESS,
    FOREIGN_ROUTE,
    ROUTES_LOST,
    REVERSE_PATH_FILTER_CHANGED,
    FWMARK_SET,
    ENCAPSULATION_SET,
    PARENTS_MTU_CHANGED,
    PARKED,
    RENAMED,
    RENAMED_BEFORE_LINUX_6_2;

    private static final int BIRD = 12;

    void happen(SimulatedNode node, String name) {
        ObservedLink link = node.named(name).orElseThrow();
        Change change = new Change(link);
        switch (this) {
            case NOTHING -> {}
            case MTU_CHANGED -> set(node, link, Optional.empty(), OptionalInt.of(1300), Optional.empty());
            case UP -> set(node, link, Optional.empty(), OptionalInt.empty(), Optional.of(true));
            case DOWN -> set(node, link, Optional.empty(), OptionalInt.empty(), Optional.of(false));
            case PREDECESSORS_MARK -> {
                Mark mark = new Mark(Marks.MANAGER, "gone", DeletionPolicy.DELETE, name);
                set(node, link, Optional.of(mark.toString()), OptionalInt.empty(), Optional.empty());
            }
            case FOREIGN_ADDRESS -> node.put(change.address("10.99.0.1/24", Set.of()));
            case FOREIGN_SECONDARY_ADDRESS -> node.put(change.address("10.1.0.99/24", Set.of(AddressFlag.SECONDARY)));
            case FOREIGN_ROUTE ->
                node.put(change.routes(Stream.concat(link.routes().stream(), Stream.of(foreignRoute()))));
            case ROUTES_LOST -> node.put(change.routes(Stream.empty()));
            case REVERSE_PATH_FILTER_CHANGED -> node.put(change.reversePathFilter(2));
            case FWMARK_SET -> node.put(change.unmanaged(new UnmanagedSetting("fwmark 0x7", true)));
            case ENCAPSULATION_SET -> node.put(change.unmanaged(new UnmanagedSetting("encap fou", false)));
            case PARENTS_MTU_CHANGED -> {
                node.put(SimulatedNode.ethernet(2, "eth0", 1492));
                node.put(SimulatedNode.ethernet(3, "eth1", 9000));
            }
            case PARKED -> node.apply(new Plan(EndpointOwnership.park(link, Optional.empty())));
            case RENAMED -> node.put(change.name("renamed"));
            case RENAMED_BEFORE_LINUX_6_2 -> {
                node.renamesUp(false);
                node.put(change.name("renamed"));
            }
        }
    }

    private static void set(
            SimulatedNode node, ObservedLink link, Optional<String> alias, OptionalInt mtu, Optional<Boolean> up) {
        Operation set = new Operation.SetLink(OptionalInt.of(link.index()), link.name(), alias, mtu, up);
        node.apply(new Plan(List.of(set)));
    }

    static ObservedRoute foreignRoute() {
        InnerRoute route = new InnerRoute(
                IpPrefix.parse(IpFamily.IPV4, "10.66.0.0/16"), Optional.empty(), InnerRoute.MAIN_TABLE, 0);
        return new ObservedRoute(route, BIRD, false, RouteDetails.PLAIN);
    }

    /** The link with one change. */
    private record Change(ObservedLink link) {
        ObservedLink address(String text, Set<AddressFlag> flags) {
            ObservedAddress added =
                    new ObservedAddress(IpPrefix.parse(IpFamily.IPV4, text), Optional.empty(), false, flags);
            return with(
                    link.name(),
                    link.reversePathFilter(),
                    link.unmanaged(),
                    Stream.concat(link.addresses().stream(), Stream.of(added)).toList(),
                    link.routes());
        }

        ObservedLink routes(Stream<ObservedRoute> routes) {
            return with(link.name(), link.reversePathFilter(), link.unmanaged(), link.addresses(), routes.toList());
        }

        ObservedLink reversePathFilter(int number) {
            return with(link.name(), OptionalInt.of(number), link.unmanaged(), link.addresses(), link.routes());
        }

        ObservedLink unmanaged(UnmanagedSetting setting) {
            return with(link.name(), link.reversePathFilter(), List.of(setting), link.addresses(), link.routes());
        }

        ObservedLink name(String name) {
            return with(name, link.reversePathFilter(), link.unmanaged(), link.addresses(), link.routes());
        }

        private ObservedLink with(
                String name,
                OptionalInt reversePathFilter,
                List<UnmanagedSetting> unmanaged,
                List<ObservedAddress> addresses,
                List<ObservedRoute> routes) {
            return link.toBuilder()
                    .name(name)
                    .reversePathFilter(reversePathFilter)
                    .unmanaged(unmanaged)
                    .addresses(addresses)
                    .routes(routes)
                    .build();
        }
    }
}
