package dev.iptunnel.set.change;

import static dev.iptunnel.set.member.SetBuilder.CREATED;
import static dev.iptunnel.set.member.SetBuilder.address;
import static dev.iptunnel.set.member.SetBuilder.hub;
import static dev.iptunnel.set.member.SetBuilder.hubAndSpoke;
import static dev.iptunnel.set.member.SetBuilder.mesh;
import static dev.iptunnel.set.member.SetBuilder.node;
import static dev.iptunnel.set.member.SetBuilder.perNode;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.iptunnel.set.ChildTunnel;
import dev.iptunnel.set.Edge;
import dev.iptunnel.set.SetNames;
import dev.iptunnel.set.SetProblem;
import dev.iptunnel.set.TunnelSet;
import dev.iptunnel.set.address.Allocations;
import dev.iptunnel.set.address.RebuiltAddresses;
import dev.iptunnel.set.child.Comparison;
import dev.iptunnel.tunnel.TunnelDriver;
import dev.iptunnel.tunnel.TunnelMode;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Sets over a cluster in memory, each test named after the rule that it holds. */
class ChildPlanTest {
    @Test
    void both_ends_of_a_pair_mirror_each_other() {
        // given
        PlannedFleet fleet = new PlannedFleet(mesh().build()).with(node("a", "10.0.0.1"), node("b", "10.0.0.2"));

        // when
        fleet.pass();

        // then
        ObjectNode there = fleet.child("a", "b").spec();
        ObjectNode back = fleet.child("b", "a").spec();
        assertThat(there.path("local")).isEqualTo(back.path("remote"));
        assertThat(there.path("remote")).isEqualTo(back.path("local"));
        assertThat(there.at("/addresses/0/address").asText())
                .isEqualTo(back.at("/addresses/0/peer").asText() + "/32");
        assertThat(fleet.child("a", "b").annotations())
                .containsEntry(SetNames.PEER_TUNNEL, fleet.child("b", "a").name());
    }

    @Test
    void a_second_pass_changes_nothing() {
        // given
        PlannedFleet fleet = new PlannedFleet(hubAndSpoke(true)
                        .routes(true, 5, "10.0.0.0/8")
                        .networks("b", "192.168.4.0/24")
                        .build())
                .with(
                        node("a", Map.of("tunnels", "yes"), List.of("10.1.0.0/24"), "172.16.0.1"),
                        node("b", "172.16.0.2"),
                        hub("h1", "172.16.0.3"),
                        hub("h2", "172.16.0.4"));
        fleet.pass();

        // when
        ChildPlan again = fleet.pass();

        // then
        assertThat(fleet.children).hasSize(10);
        assertNothingToDo(again);
    }

    @Test
    void names_are_unique_over_two_sets_that_would_read_the_same() {
        // given
        PlannedFleet one = new PlannedFleet(perNode().named("a").build()).with(node("b-c", "10.0.0.1"));
        PlannedFleet other = new PlannedFleet(perNode().named("a-b").build()).with(node("c", "10.0.0.2"));

        // when
        one.pass();
        other.pass();

        // then
        assertThat(one.children.keySet()).doesNotContainAnyElementsOf(other.children.keySet());
    }

    @Test
    void after_the_store_is_lost_the_addresses_are_those_of_the_tunnels() {
        // given
        PlannedFleet fleet = grown(mesh().build(), 10);
        Map<String, InetAddress> before = Map.copyOf(fleet.addresses());

        // when
        RebuiltAddresses rebuilt = RebuiltAddresses.of(fleet.children.values());
        fleet.allocations = rebuilt.allocations();

        // then
        assertThat(rebuilt.problem()).isEmpty();
        assertNothingToDo(fleet.pass());
        assertThat(fleet.addresses()).isEqualTo(before);
    }

    @Test
    void after_the_store_is_lost_tunnels_that_disagree_stall_the_set() {
        // given
        PlannedFleet fleet = grown(mesh().build(), 3);
        PlannedFleet other = grown(mesh().pool("10.9.0.0/24").build(), 2);

        // when
        List<ChildTunnel> mixed = new ArrayList<>(fleet.children.values());
        mixed.addAll(other.children.values());
        RebuiltAddresses rebuilt = RebuiltAddresses.of(mixed);

        // then
        assertThat(rebuilt.problem().map(SetProblem::reason)).contains("AddressesDisagree");
        assertThat(rebuilt.allocations()).isEqualTo(Allocations.NONE);
    }

    @Test
    void a_set_deleted_with_orphan_and_made_again_adopts_its_tunnels_with_the_same_addresses() {
        // given
        PlannedFleet fleet = grown(mesh().build(), 4);
        Map<Edge, ObjectNode> before = fleet.specs();
        fleet.children.replaceAll((_, child) -> PlannedFleet.edited(child, "", child.spec()));
        fleet.allocations = RebuiltAddresses.of(fleet.children.values()).allocations();
        fleet.forget();

        // when
        ChildPlan plan = fleet.set(mesh().uid("another-uid").build()).pass();

        // then
        assertThat(plan.diff().missing()).isEmpty();
        assertThat(plan.diff().surplus()).isEmpty();
        assertThat(plan.diff().changed()).hasSize(12);
        assertThat(fleet.specs()).isEqualTo(before);
        assertThat(fleet.children.values()).extracting(ChildTunnel::setUid).containsOnly("another-uid");
    }

    @Test
    void an_orphan_that_the_set_does_not_ask_for_is_left_alone() {
        // given
        PlannedFleet fleet = grown(mesh().build(), 3);
        ChildTunnel child = fleet.child("node0", "node1");
        fleet.children.put(child.name(), PlannedFleet.edited(child, "", child.spec()));
        fleet.nodes.remove("node1");
        fleet.elapse(Duration.ofSeconds(1));
        fleet.pass();

        // when
        fleet.elapse(Duration.ofSeconds(301));
        fleet.children.replaceAll(
                (_, any) -> any.edge().equals(child.edge()) ? PlannedFleet.edited(any, "", any.spec()) : any);
        ChildPlan plan = fleet.pass();

        // then
        assertThat(plan.diff().surplus())
                .extracting(ChildTunnel::edge)
                .doesNotContain(child.edge())
                .hasSize(3);
        assertThat(fleet.children).containsKey(child.name());
    }

    @Test
    void with_a_full_pool_there_is_no_half_pair_and_the_others_keep_all_they_have() {
        // given
        PlannedFleet fleet = grown(mesh().pool("10.200.0.0/30").build(), 2);

        // when
        ChildPlan plan = fleet.with(node("late", "10.0.9.9")).pass();

        // then
        assertNothingToDo(plan);
        assertThat(fleet.problems).extracting(SetProblem::reason).containsExactly("PoolExhausted");
    }

    @Test
    void a_pool_that_grows_serves_the_nodes_that_waited() {
        // given
        PlannedFleet fleet = grown(mesh().pool("10.200.0.0/30").build(), 2).with(node("late", "10.0.9.9"));
        fleet.pass();

        // when
        ChildPlan plan =
                fleet.set(mesh().pool("10.200.0.0/30", "10.201.0.0/24").build()).pass();

        // then
        assertThat(plan.diff().missing()).hasSize(4);
        assertThat(plan.diff().changed()).isEmpty();
    }

    @Test
    void a_pool_added_later_takes_no_tunnel_from_nodes_without_an_address() {
        // given
        PlannedFleet fleet = grown(perNode().noPool().build(), 4);

        // when
        ChildPlan plan = fleet.set(perNode().pool("10.200.0.0/30").build()).pass();

        // then
        assertThat(plan.diff().surplus()).isEmpty();
        assertThat(fleet.children).hasSize(4);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void adding_and_removing_nodes_in_random_order_never_changes_tunnels_between_others(int seed) {
        // given
        Random random = new Random(seed);
        PlannedFleet fleet = new PlannedFleet(mesh().pool("10.200.0.0/26").build());
        for (int step = 0; step < 150; step++) {
            Map<Edge, ObjectNode> before = fleet.specs();
            String name = "node" + random.nextInt(12);

            // when
            if (fleet.nodes.remove(name) == null) {
                fleet.with(node(name, "10.0.0." + (10 + Integer.parseInt(name.substring(4)))));
            }
            fleet.pass();
            fleet.elapse(Duration.ofSeconds(random.nextInt(400)));

            // then
            Map<Edge, ObjectNode> kept = new HashMap<>(before);
            kept.keySet().retainAll(fleet.specs().keySet());
            assertThat(fleet.specs()).containsAllEntriesOf(kept);
            Set<String> addresses = new HashSet<>();
            fleet.children
                    .values()
                    .forEach(child -> addresses.add(child.edge().node() + " "
                            + child.spec().at("/addresses/0/address").asText()));
            assertThat(addresses.stream().map(text -> text.substring(text.indexOf(' '))))
                    .doesNotHaveDuplicates();
        }
    }

    @Test
    void when_a_nodes_address_changes_its_peers_follow() {
        // given
        PlannedFleet fleet = grown(mesh().build(), 5);

        // when
        ChildPlan plan = fleet.with(node("node0", "10.7.7.7")).pass();

        // then
        assertThat(plan.diff().changed()).hasSize(8).allSatisfy(change -> {
            assertThat(change.comparison().isByMembership()).isTrue();
            assertThat(change.comparison().isByTemplate()).isFalse();
        });
        assertThat(plan.diff().moved()).containsExactly("node0");
        assertThat(plan.diff().isMassive(5)).isFalse();
        assertThat(fleet.child("node3", "node0").spec().path("remote").asText()).isEqualTo("10.7.7.7");
    }

    @Test
    void when_the_order_of_a_nodes_addresses_changes_nothing_happens() {
        // given
        PlannedFleet fleet =
                new PlannedFleet(mesh().build()).with(node("a", "10.0.0.1", "10.9.0.1"), node("b", "10.0.0.2"));
        fleet.pass();
        fleet.forget();

        // when
        ChildPlan plan = fleet.with(node("a", "10.9.0.1", "10.0.0.1")).pass();

        // then
        assertNothingToDo(plan);
    }

    @Test
    void when_all_addresses_change_at_once_the_change_is_massive() {
        // given
        PlannedFleet fleet = grown(mesh().build(), 10);

        // when
        for (int i = 0; i < 10; i++) {
            fleet.with(node("node" + i, "10.7.7." + (i + 1)));
        }
        ChildPlan plan = fleet.plan();

        // then
        assertThat(plan.diff().moved()).hasSize(10);
        assertThat(plan.diff().isMassive(10)).isTrue();
    }

    @Test
    void an_edited_field_is_put_back_and_a_users_paused_and_extra_route_and_address_stay() {
        // given
        PlannedFleet fleet = grown(mesh().spec("{\"ttl\": 32}").build(), 2);
        ChildTunnel child = fleet.child("node0", "node1");
        ObjectNode spec = child.spec().deepCopy();
        spec.put("paused", true).put("ttl", 99).put("remote", "10.66.66.66");
        spec.putArray("routes").addObject().put("destination", "10.66.0.0/16");
        spec.withArray("/addresses").addObject().put("address", "10.66.1.1/24");
        fleet.children.put(child.name(), PlannedFleet.edited(child, child.setUid(), spec));

        // when
        ChildPlan plan = fleet.plan();

        // then
        Comparison comparison = plan.diff().changed().getFirst().comparison();
        assertThat(plan.diff().changed()).hasSize(1);
        assertThat(comparison.fields()).containsExactlyInAnyOrder("ttl", "remote");
        assertThat(comparison.isByTemplate()).isTrue();
    }

    @Test
    void a_field_that_a_newer_CRD_gives_every_tunnel_by_default_changes_nothing() {
        // given
        PlannedFleet fleet = grown(mesh().networks("node0", "192.168.40.0/24").build(), 3);
        for (ChildTunnel child : List.copyOf(fleet.children.values())) {
            ObjectNode spec = child.spec().deepCopy();
            spec.put("newer", "Default");
            spec.withArray("/addresses").forEach(entry -> ((ObjectNode) entry).put("newer", true));
            spec.path("routes").forEach(entry -> ((ObjectNode) entry).put("newer", 7));
            fleet.children.put(child.name(), PlannedFleet.edited(child, child.setUid(), spec));
        }

        // when
        ChildPlan plan = fleet.plan();

        // then
        assertThat(plan.diff().changed()).isEmpty();
        assertThat(plan.diff().missing()).isEmpty();
        assertThat(plan.removal().removable()).isEmpty();
    }

    @Test
    void a_deleted_tunnel_is_made_again_under_its_name() {
        // given
        PlannedFleet fleet = grown(mesh().build(), 3);
        Map<Edge, ObjectNode> before = fleet.specs();
        String name = fleet.child("node0", "node1").name();
        fleet.children.remove(name);

        // when
        ChildPlan plan = fleet.pass();

        // then
        assertThat(plan.diff().missing()).extracting(target -> target.tunnel()).containsExactly(name);
        assertThat(fleet.specs()).isEqualTo(before);
    }

    @Test
    void routes_of_the_set_go_when_the_set_says_none_any_more() {
        // given
        PlannedFleet fleet = new PlannedFleet(
                        mesh().networks("b", "192.168.40.0/24").build())
                .with(node("a", "10.0.0.1"), node("b", "10.0.0.2"));
        fleet.pass();
        boolean had = fleet.child("a", "b").spec().has("routes");

        // when
        ChildPlan plan = fleet.set(mesh().build()).pass();

        // then
        assertThat(had).isTrue();
        assertThat(plan.diff().changed()).singleElement().satisfies(change -> assertThat(
                        change.comparison().fields())
                .containsExactly("annotations[" + SetNames.ROUTES + "]"));
        assertNothingToDo(fleet.pass());
    }

    @Test
    void a_tunnel_with_more_routes_than_the_api_server_takes_is_reported_and_not_created() {
        // given
        String[] many = IntStream.range(0, 257)
                .mapToObj(i -> "10." + (1 + i / 256) + "." + i % 256 + ".0/24")
                .toArray(String[]::new);
        PlannedFleet fleet = new PlannedFleet(mesh().networks("b", many).build())
                .with(node("a", "172.16.0.1"), node("b", "172.16.0.2"));

        // when
        fleet.pass();

        // then
        assertThat(fleet.children.values()).extracting(ChildTunnel::edge).containsExactly(new Edge("b", "a"));
        assertThat(fleet.problems).extracting(SetProblem::reason).containsExactly("TooManyRoutes");
    }

    @Test
    void a_node_back_within_300_seconds_with_another_uid_changes_nothing() {
        // given
        PlannedFleet fleet = grown(mesh().build(), 3);
        fleet.nodes.remove("node1");

        // when
        ChildPlan away = fleet.pass();
        fleet.elapse(Duration.ofSeconds(100));
        ChildPlan still = fleet.pass();
        ChildPlan back = fleet.with(node("node1", "10.0.0.2")).pass();

        // then
        assertNothingToDo(away);
        assertNothingToDo(still);
        assertNothingToDo(back);
    }

    @Test
    void an_empty_node_list_deletes_nothing_for_300_seconds_and_is_held_then() {
        // given
        PlannedFleet fleet = grown(mesh().build(), 6);
        fleet.nodes.clear();
        fleet.pass();

        // when
        fleet.elapse(Duration.ofSeconds(301));
        ChildPlan held = fleet.pass();
        fleet.elapse(Duration.ofMinutes(10));
        ChildPlan removed = fleet.pass();

        // then
        assertThat(held.removal().removable()).isEmpty();
        assertThat(held.removal().held().map(SetProblem::reason)).contains("MassRemovalHeld");
        assertThat(held.removal().lookAgain()).isPresent();
        assertThat(removed.removal().removable()).hasSize(30);
    }

    @Test
    void a_mass_removal_that_is_confirmed_for_the_generation_is_not_held() {
        // given
        PlannedFleet fleet = grown(mesh().build(), 6);
        fleet.nodes.replaceAll((name, _) -> node(name, Map.of(), List.of(), "10.0.0.9"));
        fleet.set(mesh().confirmedRemoval(1).build()).pass();

        // when
        fleet.elapse(Duration.ofSeconds(60));
        ChildPlan plan = fleet.pass();

        // then
        assertThat(plan.removal().removable()).hasSize(30);
    }

    @Test
    void a_confirmation_of_another_generation_confirms_nothing() {
        // given
        PlannedFleet fleet = grown(mesh().build(), 6);
        fleet.nodes.replaceAll((name, _) -> node(name, Map.of(), List.of(), "10.0.0.9"));
        fleet.set(mesh().confirmedRemoval(2).build()).pass();

        // when
        fleet.elapse(Duration.ofSeconds(60));
        ChildPlan plan = fleet.pass();

        // then
        assertThat(plan.removal().removable()).isEmpty();
    }

    @Test
    void a_node_that_leaves_takes_its_pairs_both_ends_together_and_frees_its_address() {
        // given
        PlannedFleet fleet = grown(mesh().build(), 4);
        fleet.with(node("node2", Map.of(), List.of(), "10.0.0.3"));
        fleet.pass();

        // when
        fleet.elapse(Duration.ofSeconds(60));
        ChildPlan plan = fleet.pass();
        fleet.pass();

        // then
        List<Edge> edges =
                plan.removal().removable().stream().map(ChildTunnel::edge).toList();
        assertThat(edges).hasSize(6);
        for (int i = 0; i < 6; i += 2) {
            assertThat(edges.get(i)).isEqualTo(edges.get(i + 1).reversed());
        }
        assertThat(fleet.addresses()).containsOnlyKeys("node0", "node1", "node3");
        assertThat(fleet.allocations.quarantined(CREATED)).isEqualTo(1);
    }

    @Test
    void a_hand_made_tunnel_with_the_endpoints_wins_and_there_is_no_half_pair() {
        // given
        PlannedFleet fleet = new PlannedFleet(mesh().build()).with(node("a", "10.0.0.1"), node("b", "10.0.0.2"));
        fleet.claims.add(new Claim(
                "by-hand",
                "a",
                TunnelDriver.IPIP,
                Optional.of(address("10.0.0.1")),
                address("10.0.0.2"),
                "",
                "by-hand",
                Optional.empty()));

        // when
        ChildPlan plan = fleet.pass();

        // then
        assertThat(fleet.children).isEmpty();
        assertThat(plan.blocked()).isEqualTo(2);
        assertThat(fleet.problems).singleElement().satisfies(problem -> {
            assertThat(problem.reason()).isEqualTo("EndpointConflict");
            assertThat(problem.message()).startsWith("IpTunnel by-hand has the same endpoints (ipip, local 10.0.0.1");
        });
    }

    @Test
    void a_tunnel_that_exists_is_not_touched_by_a_hand_made_one_that_comes_later() {
        // given
        PlannedFleet fleet = new PlannedFleet(mesh().build()).with(node("a", "10.0.0.1"), node("b", "10.0.0.2"));
        fleet.pass();
        fleet.claims.add(new Claim(
                "by-hand",
                "a",
                TunnelDriver.IPIP,
                Optional.of(address("10.0.0.1")),
                address("10.0.0.2"),
                "",
                "by-hand",
                Optional.empty()));

        // when
        ChildPlan plan = fleet.pass();

        // then
        assertNothingToDo(plan);
        assertThat(fleet.problems).isEmpty();
    }

    @Test
    void of_two_sets_for_one_pair_the_older_one_wins_and_then_the_lower_uid() {
        // given
        Claim.OtherSet older = new Claim.OtherSet("old", "z", CREATED.minusSeconds(1));
        Claim.OtherSet younger = new Claim.OtherSet("young", "a", CREATED.plusSeconds(1));
        Claim.OtherSet lower = new Claim.OtherSet("low", "a", CREATED);
        Claim.OtherSet higher = new Claim.OtherSet("high", "z", CREATED);

        // when
        List<Integer> made = List.of(older, younger, lower, higher).stream()
                .map(other -> {
                    PlannedFleet fleet =
                            new PlannedFleet(mesh().build()).with(node("a", "10.0.0.1"), node("b", "10.0.0.2"));
                    fleet.claims.add(claim(TunnelDriver.IPIP, "10.0.0.1", "10.0.0.2", other));
                    fleet.pass();
                    return fleet.children.size();
                })
                .toList();

        // then
        assertThat(made).containsExactly(0, 2, 0, 2);
    }

    @Test
    void a_set_of_ip6ip6_and_one_of_ipip6_between_the_same_addresses_conflict() {
        // given
        PlannedFleet fleet = new PlannedFleet(mesh().mode(TunnelMode.IPIP6).build())
                .with(node("a", "fd00::1"), node("b", "fd00::2"));
        Claim.OtherSet older = new Claim.OtherSet("old", "z", CREATED.minusSeconds(1));
        fleet.claims.add(claim(TunnelDriver.IP6TNL, "fd00::1", "fd00::2", older));

        // when
        fleet.pass();

        // then
        assertThat(fleet.children).isEmpty();
        assertThat(fleet.problems)
                .extracting(SetProblem::message)
                .singleElement()
                .asString()
                .contains("IpTunnel other of the IpTunnelSet old", "nodeAddress.cidrs");
    }

    @Test
    void a_tunnel_of_another_driver_or_to_another_remote_is_no_conflict() {
        // given
        PlannedFleet fleet = new PlannedFleet(mesh().build()).with(node("a", "10.0.0.1"), node("b", "10.0.0.2"));
        Claim.OtherSet older = new Claim.OtherSet("old", "z", CREATED.minusSeconds(1));
        fleet.claims.add(claim(TunnelDriver.SIT, "10.0.0.1", "10.0.0.2", older));
        fleet.claims.add(claim(TunnelDriver.IPIP, "10.0.0.1", "10.0.0.3", older));

        // when
        fleet.pass();

        // then
        assertThat(fleet.children).hasSize(2);
    }

    @Test
    void an_interface_name_of_the_template_that_another_tunnel_has_is_a_conflict() {
        // given
        PlannedFleet fleet = new PlannedFleet(perNode()
                        .spec("{\"remote\": \"192.0.2.1\", \"interfaceName\": \"broker\"}")
                        .build())
                .with(node("a", "10.0.0.1"), node("b", "10.0.0.2"));
        fleet.claims.add(new Claim(
                "by-hand",
                "a",
                TunnelDriver.IPIP,
                Optional.empty(),
                address("192.0.2.9"),
                "",
                "broker",
                Optional.empty()));

        // when
        fleet.pass();

        // then
        assertThat(fleet.children.values()).extracting(ChildTunnel::edge).containsExactly(new Edge("b", ""));
        assertThat(fleet.problems).extracting(SetProblem::reason).containsExactly("InterfaceConflict");
    }

    @Test
    void a_mesh_of_100_is_planned_in_less_than_a_second_once_it_is_compiled() {
        // given
        PlannedFleet fleet = new PlannedFleet(mesh().routes(true, 0).build());
        for (int i = 0; i < 100; i++) {
            fleet.with(node("node" + i, Map.of("tunnels", "yes"), List.of("10.1." + i + ".0/24"), "10.0.0." + (i + 1)));
        }
        fleet.pass();
        Duration best = Duration.ofDays(1);

        // when
        for (int i = 0; i < 3; i++) {
            long start = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
            assertNothingToDo(fleet.plan());
            Duration took = Duration.ofNanos(ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - start);
            best = took.compareTo(best) < 0 ? took : best;
        }

        // then
        assertThat(fleet.children).hasSize(9900);
        assertThat(best).isLessThan(Duration.ofSeconds(1));
    }

    private static PlannedFleet grown(TunnelSet set, int nodes) {
        PlannedFleet fleet = new PlannedFleet(set);
        for (int i = 0; i < nodes; i++) {
            fleet.with(node("node" + i, "10.0.0." + (i + 1)));
        }
        fleet.pass();
        return fleet;
    }

    private static Claim claim(TunnelDriver driver, String local, String remote, Claim.OtherSet set) {
        return new Claim(
                "other", "a", driver, Optional.of(address(local)), address(remote), "", "other", Optional.of(set));
    }

    private static void assertNothingToDo(ChildPlan plan) {
        assertThat(plan.diff().missing()).isEmpty();
        assertThat(plan.diff().changed()).isEmpty();
        assertThat(plan.removal().removable()).isEmpty();
    }
}
