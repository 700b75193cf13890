package dev.iptunnel.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.tunnel.ObservedLink.ObservedAddress;
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
        node.put(new SimulatedLink(link, link.mtu(), false)
                .withAddresses(addresses)
                .seen());
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
                link.reversePathFilter(),
                link.tunnel(),
                link.unmanaged(),
                link.addresses(),
                link.routes()));
    }

    private static List<DesiredTunnel> variants(TunnelMode mode) {
        String host = mode.outer() == IpFamily.IPV4 ? "192.0.2." : "2001:db8::";
        String inner = mode.inner() == IpFamily.IPV4 ? "10.%d.0.1/24" : "fd00:%d::1/64";
        String first = inner.formatted(1);
        String second = inner.formatted(2);
        InnerRoute route = new InnerRoute(
                IpPrefix.parse(mode.inner(), mode.inner() == IpFamily.IPV4 ? "10.8.0.0/16" : "fd08::/48"),
                Optional.empty(),
                InnerRoute.MAIN_TABLE,
                0);
        List<DesiredTunnel> variants = new ArrayList<>();
        for (String remote : List.of(host + "2", host + "3", "any")) {
            for (Optional<String> parent : List.of(Optional.<String>empty(), Optional.of("eth1"))) {
                for (OptionalInt mtu : List.of(OptionalInt.empty(), OptionalInt.of(1400))) {
                    for (String[] addresses : new String[][] {{}, {first}, {second, first}}) {
                        DesiredTunnelBuilder tunnel = DesiredTunnelBuilder.of(Marks.of(NAME), mode)
                                .remote(remote)
                                .parent(parent)
                                .mtu(mtu)
                                .addresses(addresses);
                        variants.add(tunnel.routes(route).build());
                        variants.add(tunnel.ttl(0).up(false).build());
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
        return switch (Planner.plan(desired, node.observe(desired), Claims.NONE)) {
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
        return link.tunnel().equals(node.observe(desired).wanted(desired))
                && link.alias().equals(desired.mark().toString())
                && link.up() == desired.up()
                && node.ipv6Mtu(NAME) == link.mtu()
                && link.addresses().stream()
                        .filter(ObservedAddress::ours)
                        .map(ObservedAddress::address)
                        .sorted(Comparator.comparing(InnerAddress::toString))
                        .toList()
                        .equals(desired.addresses().stream()
                                .sorted(Comparator.comparing(InnerAddress::toString))
                                .toList())
                && link.routes().size() == (desired.up() ? desired.routes().size() : 0)
                && node.all().filter(any -> any.mark().isPresent()).count() == 1;
    }

    @Test
    void a_secondary_address_stays_when_its_primary_goes() {
        // given
        DesiredTunnelBuilder tunnel = DesiredTunnelBuilder.of(Marks.of(NAME), TunnelMode.IPIP);
        SimulatedNode node = node();
        node.apply(plan(tunnel.addresses("10.1.0.1/24", "10.1.0.2/24").build(), node));
        DesiredTunnel desired = tunnel.addresses("10.1.0.2/24").build();

        // when
        node.apply(plan(desired, node));

        // then
        assertThat(plan(desired, node).isEmpty()).isTrue();
        assertThat(isAsDesired(node, desired)).isTrue();
    }
}
