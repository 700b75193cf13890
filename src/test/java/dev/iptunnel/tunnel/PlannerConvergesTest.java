package dev.iptunnel.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.tunnel.ObservedLink.ObservedAddress;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whatever our tunnel was, and whatever was done to it: one plan makes it what it should be, and a second is empty. */
class PlannerConvergesTest {
    private static final String NAME = "to-berlin";

    /** What happens to the tunnel between two plans. */
    enum Disturbance {
        NOTHING,
        MTU_CHANGED,
        UP,
        DOWN,
        PREDECESSORS_MARK,
        FOREIGN_ADDRESS,
        PARENTS_MTU_CHANGED,
        RENAMED
    }

    private static void disturb(SimulatedNode node, Disturbance disturbance) {
        Optional<String> same = Optional.empty();
        switch (disturbance) {
            case NOTHING -> {}
            case MTU_CHANGED -> set(node, same, OptionalInt.of(1300), Optional.empty());
            case UP -> set(node, same, OptionalInt.empty(), Optional.of(true));
            case DOWN -> set(node, same, OptionalInt.empty(), Optional.of(false));
            case PREDECESSORS_MARK -> {
                Mark mark = new Mark(Marks.MANAGER, "gone", DeletionPolicy.DELETE, NAME);
                set(node, Optional.of(mark.toString()), OptionalInt.empty(), Optional.empty());
            }
            case FOREIGN_ADDRESS -> addForeignAddress(node);
            case PARENTS_MTU_CHANGED -> {
                node.put(SimulatedNode.ethernet(2, "eth0", 1492));
                node.put(SimulatedNode.ethernet(3, "eth1", 9000));
            }
            case RENAMED -> rename(node);
        }
    }

    private static void set(SimulatedNode node, Optional<String> alias, OptionalInt mtu, Optional<Boolean> up) {
        OptionalInt index = OptionalInt.of(node.link(NAME).orElseThrow().index());
        node.apply(new Plan(List.of(new Operation.SetLink(index, NAME, alias, mtu, up))));
    }

    private static void addForeignAddress(SimulatedNode node) {
        ObservedLink link = node.link(NAME).orElseThrow();
        List<ObservedAddress> addresses = new ArrayList<>(link.addresses());
        addresses.add(new ObservedAddress(IpPrefix.parse(IpFamily.IPV4, "10.99.0.1/24"), false));
        node.put(new SimulatedLink(link, link.mtu()).withAddresses(addresses).seen());
    }

    private static void rename(SimulatedNode node) {
        ObservedLink link = node.link(NAME).orElseThrow();
        node.put(new ObservedLink(
                link.index(),
                "renamed",
                link.alias(),
                link.up(),
                link.operState(),
                link.mtu(),
                link.tunnel(),
                link.unmanaged(),
                link.addresses()));
    }

    private static List<DesiredTunnel> variants(TunnelMode mode) {
        String host = mode.outer() == IpFamily.IPV4 ? "192.0.2." : "2001:db8::";
        String inner = mode.inner() == IpFamily.IPV4 ? "10.%d.0.1/24" : "fd00:%d::1/64";
        InetAddress local = mode.outer().parse(host + "1");
        IpPrefix first = IpPrefix.parse(mode.inner(), inner.formatted(1));
        IpPrefix second = IpPrefix.parse(mode.inner(), inner.formatted(2));
        List<DesiredTunnel> variants = new ArrayList<>();
        for (InetAddress remote : List.of(
                mode.outer().parse(host + "2"),
                mode.outer().parse(host + "3"),
                mode.outer().any())) {
            for (Optional<String> parent : List.of(Optional.<String>empty(), Optional.of("eth1"))) {
                for (OptionalInt mtu : List.of(OptionalInt.empty(), OptionalInt.of(1400))) {
                    for (List<IpPrefix> addresses :
                            List.of(List.<IpPrefix>of(), List.of(first), List.of(second, first))) {
                        Mark mark = Marks.of(NAME);
                        variants.add(
                                new DesiredTunnel(mark, NAME, mode, local, remote, parent, 64, mtu, addresses, true));
                        variants.add(
                                new DesiredTunnel(mark, NAME, mode, local, remote, parent, 0, mtu, addresses, false));
                    }
                }
            }
        }
        return variants;
    }

    private static SimulatedNode node() {
        SimulatedNode node = SimulatedNode.withEthernet();
        node.put(SimulatedNode.ethernet(3, "eth1", 1400));
        return node;
    }

    private static Plan plan(DesiredTunnel desired, SimulatedNode node) {
        return switch (Planner.plan(desired, node.observe(desired))) {
            case Plan plan -> plan;
            case Refusal refusal -> throw new AssertionError(refusal.toString());
        };
    }

    @ParameterizedTest
    @EnumSource
    void one_plan_is_enough_from_any_tunnel_of_ours_to_any_other(Disturbance disturbance) {
        // given
        List<String> failures = new ArrayList<>();
        Stream<DesiredTunnel[]> changes = Stream.of(TunnelMode.values()).flatMap(before -> variants(before).stream()
                .filter(was -> was.mtu().isEmpty())
                .flatMap(was -> Stream.of(before, TunnelMode.IPIP6)
                        .distinct()
                        .flatMap(is -> variants(is).stream())
                        .map(is -> new DesiredTunnel[] {was, is})));

        // when
        changes.forEach(change -> {
            SimulatedNode node = node();
            node.apply(plan(change[0], node));
            disturb(node, disturbance);
            Plan first = plan(change[1], node);
            node.apply(first);
            Plan second = plan(change[1], node);
            if (!second.isEmpty() || !isAsDesired(node, change[1])) {
                failures.add(change[0] + "\n-> " + change[1] + "\n" + first + "then\n" + second);
            }
        });

        // then
        assertThat(failures).isEmpty();
    }

    private static boolean isAsDesired(SimulatedNode node, DesiredTunnel desired) {
        ObservedLink link = node.link(NAME).orElseThrow();
        int parent =
                desired.parent().flatMap(node::link).map(ObservedLink::index).orElse(0);
        return link.tunnel().equals(Optional.of(desired.parameters(parent)))
                && link.alias().equals(desired.mark().toString())
                && link.up() == desired.up()
                && node.ipv6Mtu(NAME) == link.mtu()
                && link.addresses().stream()
                        .filter(ObservedAddress::ours)
                        .map(ObservedAddress::prefix)
                        .sorted(Comparator.comparing(IpPrefix::toString))
                        .toList()
                        .equals(desired.addresses().stream()
                                .sorted(Comparator.comparing(IpPrefix::toString))
                                .toList())
                && node.all().filter(any -> any.mark().isPresent()).count() == 1;
    }

    @Test
    void a_second_plan_brings_back_what_went_with_a_primary_address() {
        // given
        DesiredTunnel both = variants(TunnelMode.IPIP).getFirst();
        SimulatedNode node = node();
        node.apply(plan(withAddresses(both, "10.1.0.1/24", "10.1.0.2/24"), node));
        DesiredTunnel desired = withAddresses(both, "10.1.0.2/24");

        // when
        node.apply(plan(desired, node));
        node.apply(plan(desired, node));

        // then
        assertThat(plan(desired, node).isEmpty()).isTrue();
        assertThat(isAsDesired(node, desired)).isTrue();
    }

    private static DesiredTunnel withAddresses(DesiredTunnel tunnel, String... addresses) {
        return new DesiredTunnel(
                tunnel.mark(),
                tunnel.interfaceName(),
                tunnel.mode(),
                tunnel.local(),
                tunnel.remote(),
                tunnel.parent(),
                tunnel.ttl(),
                tunnel.mtu(),
                Stream.of(addresses)
                        .map(address -> IpPrefix.parse(IpFamily.IPV4, address))
                        .toList(),
                tunnel.up());
    }
}
