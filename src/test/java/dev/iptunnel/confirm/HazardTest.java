package dev.iptunnel.confirm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.observation.EgressPath;
import dev.iptunnel.observation.ObservedLink;
import dev.iptunnel.observation.RouteDetails;
import dev.iptunnel.plan.InetSetting;
import dev.iptunnel.plan.Operation;
import dev.iptunnel.plan.Operation.AddAddress;
import dev.iptunnel.plan.Operation.AddRoute;
import dev.iptunnel.plan.Operation.DeleteRoute;
import dev.iptunnel.plan.Operation.SetInetConf;
import dev.iptunnel.plan.Operation.SetLink;
import dev.iptunnel.plan.Plan;
import dev.iptunnel.tunnel.InnerAddress;
import dev.iptunnel.tunnel.InnerRoute;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.IpPrefix;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HazardTest {
    private static final InetAddress API_SERVER = IpFamily.IPV4.parse("10.77.0.254");
    private static final InetAddress API_SERVER6 = IpFamily.IPV6.parse("fd77::254");
    private static final ObservedLink TUNNEL =
            ObservedLink.builder(7, "to-berlin").build();
    private static final List<EgressPath> BY_UPLINK = List.of(path("eth0"));
    private static final List<EgressPath> BY_TUNNEL = List.of(path("to-berlin", "eth0"));

    private static EgressPath path(String... devices) {
        return new EgressPath(API_SERVER, List.of(devices), Optional.empty());
    }

    private static Plan plan(Operation operation) {
        return new Plan(List.of(operation));
    }

    private static AddRoute route(String destination) {
        return new AddRoute(OptionalInt.empty(), "to-berlin", inner(destination));
    }

    private static InnerRoute inner(String destination) {
        IpFamily family = destination.contains(":") ? IpFamily.IPV6 : IpFamily.IPV4;
        return new InnerRoute(IpPrefix.parse(family, destination), Optional.empty(), InnerRoute.MAIN_TABLE, 0);
    }

    @ParameterizedTest
    @CsvSource({
        "10.77.0.254/32, true",
        "10.77.0.0/16, true",
        "0.0.0.0/0, true",
        "10.77.0.253/32, false",
        "fd77::/64, true",
        "::/0, true",
        "fd77::253/128, false"
    })
    void a_route_counts_if_it_covers_the_api_server(String destination, boolean counts) {
        assertThat(Hazard.hasRouteTo(plan(route(destination)), List.of(API_SERVER, API_SERVER6)))
                .isEqualTo(counts);
    }

    @Test
    void a_route_that_is_taken_away_counts_as_well() {
        DeleteRoute deleted = new DeleteRoute(7, "to-berlin", inner("10.77.0.254/32"), RouteDetails.PLAIN);

        assertThat(Hazard.hasRouteTo(plan(deleted), List.of(API_SERVER))).isTrue();
    }

    @ParameterizedTest
    @CsvSource({"10.77.0.1/24, true", "10.77.0.254/32, true", "10.77.1.1/24, false"})
    void an_address_counts_by_the_routes_that_it_brings(String address, boolean counts) {
        AddAddress added = new AddAddress(
                OptionalInt.of(7),
                "to-berlin",
                new InnerAddress(IpPrefix.parse(IpFamily.IPV4, address), Optional.empty()));

        assertThat(Hazard.hasRouteTo(plan(added), List.of(API_SERVER))).isEqualTo(counts);
    }

    @Test
    void a_change_of_an_interface_counts_only_on_the_way_to_the_api_server() {
        Plan change = plan(SetLink.mtu(TUNNEL, 1400));

        assertThat(Hazard.isOnPath(change, BY_TUNNEL)).isTrue();
        assertThat(Hazard.isOnPath(change, BY_UPLINK)).isFalse();
        assertThat(Hazard.isOnPath(change, List.of(path("another", "to-berlin", "eth0"))))
                .isTrue();
    }

    @Test
    void a_reverse_path_filter_counts_and_a_mark_does_not() {
        assertThat(Hazard.changesInterface(
                        plan(new SetInetConf(OptionalInt.of(7), "to-berlin", InetSetting.RP_FILTER, 1))))
                .isTrue();
        assertThat(Hazard.changesInterface(plan(SetLink.alias(TUNNEL, "a mark"))))
                .isFalse();
    }

    @Test
    void silence_is_not_the_fault_of_a_change_that_left_the_way_as_it_was() {
        List<Plan> route = List.of(plan(route("10.77.0.254/32")));
        List<Plan> mtu = List.of(plan(SetLink.mtu(TUNNEL, 1400)));

        assertThat(Hazard.isBlameless(route, BY_UPLINK, BY_UPLINK)).isTrue();
        assertThat(Hazard.isBlameless(route, BY_UPLINK, BY_TUNNEL)).isFalse();
        assertThat(Hazard.isBlameless(mtu, BY_TUNNEL, BY_TUNNEL)).isFalse();
    }
}
