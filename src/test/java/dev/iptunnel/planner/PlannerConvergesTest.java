package dev.iptunnel.planner;

import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.confirm.HeldTunnel;
import dev.iptunnel.observation.ObservedAddress;
import dev.iptunnel.observation.ObservedLink;
import dev.iptunnel.observation.ObservedRoute;
import dev.iptunnel.plan.Plan;
import dev.iptunnel.plan.Refusal;
import dev.iptunnel.tunnel.DesiredTunnel;
import dev.iptunnel.tunnel.DesiredTunnelBuilder;
import dev.iptunnel.tunnel.InnerAddress;
import dev.iptunnel.tunnel.InnerRoute;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.IpPrefix;
import dev.iptunnel.tunnel.Marks;
import dev.iptunnel.tunnel.OuterHeader;
import dev.iptunnel.tunnel.Pairwise;
import dev.iptunnel.tunnel.ReversePathFilter;
import dev.iptunnel.tunnel.TunnelMode;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * After any change of the spec, and any disturbance of the tunnel, one plan repairs it, and a second plan is empty. Covered
 * are each mode before and after each disturbance, with any two values of any two fields of the two specs.
 */
class PlannerConvergesTest {
    private static final String NAME = "to-berlin";
    private static final OptionalInt NONE = OptionalInt.empty();

    /** The number of options of each field that {@link #variant} sets, in its order. */
    private static final int[] OPTIONS = {3, 2, 4, 2, 6, 4, 2, 2};

    private static final List<int[]> CHANGES = Pairwise.of(
            IntStream.concat(IntStream.of(OPTIONS), IntStream.of(OPTIONS)).toArray());

    /** @param choice the index of an option of each field, from this offset on */
    private static DesiredTunnel variant(TunnelMode mode, int[] choice, int offset) {
        boolean ipv4 = mode.inner() == IpFamily.IPV4;
        String host = mode.outer() == IpFamily.IPV4 ? "192.0.2." : "2001:db8::";
        DesiredTunnelBuilder tunnel = DesiredTunnelBuilder.of(Marks.of(NAME), mode)
                .remote(List.of(host + "2", host + "3", "any").get(choice[offset]))
                .parent(choice[offset + 1] == 0 ? Optional.empty() : Optional.of("eth1"))
                .outerHeader(outerHeader(mode.outer(), choice[offset + 2]))
                .mtu(choice[offset + 3] == 0 ? NONE : OptionalInt.of(1400))
                .addresses(addresses(ipv4, choice[offset + 4]))
                .routes(routes(mode.inner(), choice[offset + 5]))
                .up(choice[offset + 7] == 0);
        return ipv4 && choice[offset + 6] == 1
                ? tunnel.reversePathFilter(ReversePathFilter.STRICT).build()
                : tunnel.build();
    }

    private static OuterHeader outerHeader(IpFamily outer, int option) {
        boolean ipv4 = outer == IpFamily.IPV4;
        OptionalInt label = OptionalInt.of(0);
        return switch (option) {
            case 0 -> OuterHeader.DEFAULT;
            case 1 -> new OuterHeader(0, NONE, !ipv4, NONE, ipv4 ? label : NONE);
            case 2 -> new OuterHeader(255, OptionalInt.of(63), true, ipv4 ? NONE : OptionalInt.of(4), label);
            default -> new OuterHeader(1, OptionalInt.of(10), true, NONE, ipv4 ? label : OptionalInt.of(0xfffff));
        };
    }

    private static String[] addresses(boolean ipv4, int option) {
        String first = ipv4 ? "10.1.0.1/24" : "fd00:1::1/64";
        String secondary = ipv4 ? "10.1.0.2/24" : "fd00:1::2/64";
        String second = ipv4 ? "10.2.0.1/24" : "fd00:2::1/64";
        return switch (option) {
            case 0 -> new String[] {};
            case 1 -> new String[] {first};
            case 2 -> new String[] {secondary};
            case 3 -> new String[] {second, first, secondary};
            case 4 -> new String[] {ipv4 ? "10.1.0.1/30" : "fd00:1::1/80"};
            default -> new String[] {ipv4 ? "10.1.0.1/24 peer 10.1.0.9" : "fd00:1::1/64 peer fd00:1::9"};
        };
    }

    private static InnerRoute[] routes(IpFamily inner, int option) {
        boolean ipv4 = inner == IpFamily.IPV4;
        IpPrefix net = IpPrefix.parse(inner, ipv4 ? "10.8.0.0/16" : "fd08::/48");
        Optional<InetAddress> gateway = Optional.of(inner.parse(ipv4 ? "10.1.0.9" : "fd00:1::9"));
        InnerRoute plain = new InnerRoute(net, Optional.empty(), InnerRoute.MAIN_TABLE, 0);
        return switch (option) {
            case 0 -> new InnerRoute[] {};
            case 1 -> new InnerRoute[] {plain};
            case 2 -> new InnerRoute[] {new InnerRoute(net, gateway, InnerRoute.MAIN_TABLE, 0)};
            default -> new InnerRoute[] {new InnerRoute(net, Optional.empty(), 100, 5), plain};
        };
    }

    private static SimulatedNode node() {
        SimulatedNode node = SimulatedNode.withEthernet();
        node.put(SimulatedNode.ethernet(3, "eth1", 1400));
        return node;
    }

    private static Plan plan(DesiredTunnel desired, SimulatedNode node) {
        return switch (Planner.plan(desired, node.observe(desired), ListedClaims.NONE)) {
            case Plan plan -> plan;
            case Refusal refusal -> throw new AssertionError(refusal.toString());
        };
    }

    /** Each mode before and after, with the pairs of values. */
    private static Stream<DesiredTunnel[]> changes() {
        return Stream.of(TunnelMode.values()).flatMap(before -> Stream.of(TunnelMode.values())
                .flatMap(after -> CHANGES.stream().map(choice ->
                        new DesiredTunnel[] {variant(before, choice, 0), variant(after, choice, OPTIONS.length)})));
    }

    @ParameterizedTest
    @EnumSource
    void one_plan_is_enough_from_any_tunnel_of_ours_to_any_other(Disturbance disturbance) {
        // given
        List<String> failures = new ArrayList<>();

        // when
        changes().forEach(change -> {
            SimulatedNode node = node();
            node.apply(plan(change[0], node));
            disturbance.happen(node, NAME);
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

    @Test
    void any_change_is_undone_by_a_plan_for_what_the_kernel_held_before() {
        // given
        List<String> failures = new ArrayList<>();

        // when
        changes().forEach(change -> {
            SimulatedNode node = node();
            node.apply(plan(change[0], node));
            HeldTunnel held = HeldTunnel.of(
                    change[1], node.observe(change[1]), index -> index == 3 ? Optional.of("eth1") : unknown(index));
            node.apply(plan(change[1], node));
            DesiredTunnel before = ((HeldTunnel.Tunnel) held).desired();
            node.apply(plan(before, node));
            if (!plan(before, node).isEmpty() || !isAsDesired(node, change[0])) {
                failures.add(change[0] + "\n-> " + change[1] + "\nundone by " + before);
            }
        });

        // then
        assertThat(failures).isEmpty();
    }

    /** The kernel refuses to be asked for ifindex 0. */
    private static Optional<String> unknown(int index) {
        throw new AssertionError("asked for ifindex " + index);
    }

    private static boolean isAsDesired(SimulatedNode node, DesiredTunnel desired) {
        ObservedLink link = node.named(NAME).orElseThrow();
        return link.tunnel().equals(node.observe(desired).wanted(desired))
                && link.unmanaged().isEmpty()
                && link.alias().equals(desired.mark().toString())
                && link.up() == desired.up()
                && node.ipv6Mtu(NAME) == link.mtu()
                && addressesAreAsDesired(link, desired)
                && routesAreAsDesired(link, desired)
                && desired.reversePathFilter()
                        .map(filter -> OptionalInt.of(filter.number()).equals(link.reversePathFilter()))
                        .orElse(true)
                && node.all().filter(any -> any.mark().isPresent()).count() == 1;
    }

    private static boolean addressesAreAsDesired(ObservedLink link, DesiredTunnel desired) {
        return link.addresses().stream()
                .filter(ObservedAddress::ours)
                .map(ObservedAddress::address)
                .sorted(Comparator.comparing(InnerAddress::toString))
                .toList()
                .equals(desired.addresses().stream()
                        .sorted(Comparator.comparing(InnerAddress::toString))
                        .toList());
    }

    private static boolean routesAreAsDesired(ObservedLink link, DesiredTunnel desired) {
        List<InnerRoute> routes = link.routes().stream()
                .filter(ObservedRoute::ours)
                .map(ObservedRoute::route)
                .toList();
        List<InnerRoute> wanted = desired.up() ? desired.routes() : List.of();
        return routes.size() == wanted.size()
                && wanted.stream().allMatch(route -> routes.stream().anyMatch(route::equalsInKernel));
    }

    @Test
    void a_secondary_address_stays_when_its_primary_one_is_removed() {
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

    @ParameterizedTest
    @EnumSource(names = {"IPIP", "IPIP6"})
    void routes_of_others_stay_when_the_only_address_is_replaced(TunnelMode mode) {
        // given
        DesiredTunnelBuilder tunnel = DesiredTunnelBuilder.of(Marks.of(NAME), mode);
        SimulatedNode node = node();
        node.apply(plan(tunnel.addresses("10.1.0.1/24").build(), node));
        Disturbance.FOREIGN_ROUTE.happen(node, NAME);
        DesiredTunnel desired = tunnel.addresses("10.1.0.2/24").build();

        // when
        node.apply(plan(desired, node));

        // then
        assertThat(node.named(NAME).orElseThrow().routes()).containsExactly(Disturbance.foreignRoute());
        assertThat(isAsDesired(node, desired)).isTrue();
    }
}
