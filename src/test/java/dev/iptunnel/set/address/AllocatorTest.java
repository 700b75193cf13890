package dev.iptunnel.set.address;

import static dev.iptunnel.set.member.SetBuilder.CREATED;
import static dev.iptunnel.set.member.SetBuilder.address;
import static dev.iptunnel.set.member.SetBuilder.mesh;
import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.set.SetProblem;
import dev.iptunnel.set.TunnelSet;
import dev.iptunnel.tunnel.IpFamily;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AllocatorTest {
    private static final Instant LATER = CREATED.plus(Allocator.QUARANTINE);

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5})
    void adding_and_removing_nodes_in_random_order_never_moves_another_nodes_address(int seed) {
        // given
        Random random = new Random(seed);
        TunnelSet set = mesh().pool("10.200.0.0/27").build();
        Set<String> members = new TreeSet<>();
        Allocations allocations = Allocations.NONE;
        Map<InetAddress, Instant> freedAt = new HashMap<>();
        Map<InetAddress, String> lastOwner = new HashMap<>();
        Instant now = CREATED;

        for (int step = 0; step < 400; step++) {
            // when
            String node = "node" + random.nextInt(45);
            boolean removed = !members.add(node) && members.remove(node);
            now = now.plusSeconds(random.nextInt(120));
            Allocator.Outcome outcome = Allocator.ensure(set, members, Set.of(), allocations, now);
            Map<String, InetAddress> before = allocations.addresses();
            allocations = outcome.allocations();
            Map<String, InetAddress> after = allocations.addresses();

            // then
            assertThat(after.values()).doesNotHaveDuplicates();
            assertThat(after.size() + outcome.unserved().size()).isEqualTo(members.size());
            if (removed && before.containsKey(node)) {
                freedAt.put(before.get(node), now);
            }
            Instant present = now;
            after.forEach((name, given) -> {
                assertThat(before.getOrDefault(name, given)).isEqualTo(given);
                if (!before.containsKey(name) && !name.equals(lastOwner.getOrDefault(given, name))) {
                    assertThat(present)
                            .isAfterOrEqualTo(
                                    Objects.requireNonNull(freedAt.get(given)).plus(Allocator.QUARANTINE));
                }
                lastOwner.put(given, name);
            });
        }
    }

    @Test
    void a_set_made_again_gets_nearly_the_same_addresses() {
        // given
        TunnelSet set = mesh().pool("10.200.0.0/16").build();
        List<String> names = names(100);
        Allocations grown = Allocations.NONE;
        for (int count = 1; count <= 100; count++) {
            grown = Allocator.ensure(set, names.subList(0, count), Set.of(), grown, CREATED)
                    .allocations();
        }

        // when
        Map<String, InetAddress> again = addresses(Allocator.ensure(set, names, Set.of(), Allocations.NONE, CREATED));

        // then
        Map<String, InetAddress> before = grown.addresses();
        assertThat(names.stream().filter(name -> Objects.equals(again.get(name), before.get(name))))
                .hasSizeGreaterThanOrEqualTo(98);
    }

    @Test
    void the_preferred_address_of_a_name_never_changes() {
        // when
        Map<String, InetAddress> given = addresses(Allocator.ensure(
                mesh().pool("10.200.0.0/16").build(), List.of("node1", "node2"), Set.of(), Allocations.NONE, CREATED));

        // then
        assertThat(given)
                .containsOnly(
                        Map.entry("node1", address("10.200.34.97")), Map.entry("node2", address("10.200.119.131")));
    }

    @Test
    void a_full_pool_leaves_the_others_alone_and_names_those_without_an_address() {
        // given
        TunnelSet set = mesh().pool("10.200.0.0/30").build();
        Allocations former = Allocator.ensure(set, List.of("x", "y"), Set.of(), Allocations.NONE, CREATED)
                .allocations();

        // when
        Allocator.Outcome outcome = Allocator.ensure(set, List.of("a", "b", "x", "y"), Set.of(), former, CREATED);

        // then
        assertThat(outcome.allocations()).isEqualTo(former);
        assertThat(outcome.unserved()).containsExactly("a", "b");
        assertThat(outcome.exhausted().map(SetProblem::message)).hasValueSatisfying(message -> assertThat(message)
                .startsWith("addressPool has no free address for a, b:"));
    }

    @Test
    void a_freed_address_serves_a_waiting_node_after_its_quarantine() {
        // given
        TunnelSet set = mesh().pool("10.200.0.0/30").build();
        Allocations full = Allocator.ensure(set, List.of("x", "y"), Set.of(), Allocations.NONE, CREATED)
                .allocations();

        // when
        Allocator.Outcome freed = Allocator.ensure(set, List.of("a", "x"), Set.of(), full, CREATED);
        Allocator.Outcome served = Allocator.ensure(set, List.of("a", "x"), Set.of(), freed.allocations(), LATER);

        // then
        assertThat(freed.unserved()).containsExactly("a");
        assertThat(freed.lookAgain()).contains(LATER);
        assertThat(freed.allocations().quarantined(CREATED)).isEqualTo(1);
        assertThat(served.unserved()).isEmpty();
        assertThat(addresses(served)).containsEntry("a", full.addresses().get("y"));
        assertThat(served.allocations().freed()).isEmpty();
    }

    @Test
    void an_owner_gets_its_address_back_from_quarantine() {
        // given
        TunnelSet set = mesh().pool("10.200.0.0/30").build();
        Allocations full = Allocator.ensure(set, List.of("x", "y"), Set.of(), Allocations.NONE, CREATED)
                .allocations();
        Allocations freed =
                Allocator.ensure(set, List.of("x"), Set.of(), full, CREATED).allocations();

        // when
        Allocator.Outcome back = Allocator.ensure(set, List.of("x", "y"), Set.of(), freed, CREATED);

        // then
        assertThat(back.allocations()).isEqualTo(full);
    }

    @Test
    void the_address_that_was_freed_last_is_used_last() {
        // given
        TunnelSet set = mesh().pool("10.200.0.0/30").build();
        Allocations full = Allocator.ensure(set, List.of("x", "y"), Set.of(), Allocations.NONE, CREATED)
                .allocations();
        Allocations first =
                Allocator.ensure(set, List.of("y"), Set.of(), full, CREATED).allocations();
        Allocations both = Allocator.ensure(set, List.of(), Set.of(), first, CREATED.plusSeconds(5))
                .allocations();

        // when
        Allocator.Outcome served = Allocator.ensure(set, List.of("a"), Set.of(), both, LATER.plusSeconds(60));

        // then
        assertThat(addresses(served)).containsEntry("a", full.addresses().get("x"));
    }

    @Test
    void an_address_is_kept_until_the_last_tunnel_of_the_node_is_gone() {
        // given
        TunnelSet set = mesh().build();
        Allocations former = Allocator.ensure(set, List.of("x", "y"), Set.of(), Allocations.NONE, CREATED)
                .allocations();

        // when
        Allocator.Outcome held = Allocator.ensure(set, List.of("x"), Set.of("y"), former, CREATED);
        Allocator.Outcome free = Allocator.ensure(set, List.of("x"), Set.of(), former, CREATED);

        // then
        assertThat(held.allocations()).isEqualTo(former);
        assertThat(addresses(free)).containsOnlyKeys("x");
    }

    @Test
    void a_pool_that_grows_moves_no_address() {
        // given
        List<String> names = names(6);
        Allocations former = Allocator.ensure(
                        mesh().pool("10.200.0.0/29").build(), names, Set.of(), Allocations.NONE, CREATED)
                .allocations();

        // when
        Allocator.Outcome grown = Allocator.ensure(
                mesh().pool("10.200.0.0/29", "10.201.0.0/24").build(), names(20), Set.of(), former, CREATED);

        // then
        assertThat(grown.unserved()).isEmpty();
        assertThat(addresses(grown)).containsAllEntriesOf(former.addresses());
    }

    @Test
    void an_address_that_is_excluded_later_stays() {
        // given
        Allocations former = Allocator.ensure(mesh().build(), List.of("x"), Set.of(), Allocations.NONE, CREATED)
                .allocations();

        // when
        Allocator.Outcome outcome = Allocator.ensure(
                mesh().excluded("10.200.0.0/24").build(), List.of("x", "y"), Set.of(), former, CREATED);

        // then
        assertThat(addresses(outcome)).isEqualTo(former.addresses());
        assertThat(outcome.unserved()).containsExactly("y");
    }

    @Test
    void an_override_gives_the_address_and_reserves_it() {
        // given
        TunnelSet set =
                mesh().pool("10.200.0.0/30").inner("later", "10.200.0.1").build();

        // when
        Allocator.Outcome others = Allocator.ensure(set, List.of("a", "b"), Set.of(), Allocations.NONE, CREATED);
        Allocator.Outcome all =
                Allocator.ensure(set, List.of("a", "b", "later"), Set.of(), others.allocations(), CREATED);

        // then
        assertThat(addresses(others)).containsOnly(Map.entry("a", address("10.200.0.2")));
        assertThat(others.unserved()).containsExactly("b");
        assertThat(addresses(all)).containsEntry("later", address("10.200.0.1"));
    }

    @Test
    void an_override_moves_its_node_and_quarantines_what_it_had() {
        // given
        Allocations former = Allocator.ensure(mesh().build(), List.of("x"), Set.of(), Allocations.NONE, CREATED)
                .allocations();

        // when
        Allocator.Outcome outcome =
                Allocator.ensure(mesh().inner("x", "192.168.9.9").build(), List.of("x"), Set.of("x"), former, CREATED);

        // then
        assertThat(addresses(outcome)).containsOnly(Map.entry("x", address("192.168.9.9")));
        assertThat(outcome.allocations().quarantined(CREATED)).isEqualTo(1);
    }

    @Test
    void an_override_takes_no_address_of_another_node() {
        // given
        Allocations former = Allocator.ensure(mesh().build(), List.of("x"), Set.of(), Allocations.NONE, CREATED)
                .allocations();
        String taken = IpFamily.format(Objects.requireNonNull(former.addresses().get("x")));

        // when
        Allocator.Outcome outcome =
                Allocator.ensure(mesh().inner("y", taken).build(), List.of("x", "y"), Set.of(), former, CREATED);

        // then
        assertThat(addresses(outcome)).containsAllEntriesOf(former.addresses()).containsKey("y");
        assertThat(outcome.problems()).extracting(SetProblem::reason).containsExactly("InnerAddressConflict");
    }

    @Test
    void no_node_gets_an_address_of_the_template() {
        // given
        TunnelSet set = mesh().pool("10.200.0.0/30")
                .spec("{\"addresses\": [{\"address\": \"10.200.0.1/24\"}]}")
                .build();

        // when
        Allocator.Outcome outcome = Allocator.ensure(set, List.of("a"), Set.of(), Allocations.NONE, CREATED);

        // then
        assertThat(addresses(outcome)).containsOnly(Map.entry("a", address("10.200.0.2")));
    }

    @Test
    void time_alone_changes_nothing_that_is_stored() {
        // given
        TunnelSet set = mesh().build();
        Allocations full = Allocator.ensure(set, List.of("x", "y"), Set.of(), Allocations.NONE, CREATED)
                .allocations();
        Allocations freed =
                Allocator.ensure(set, List.of("x"), Set.of(), full, CREATED).allocations();

        // when
        Allocator.Outcome much = Allocator.ensure(set, List.of("x"), Set.of(), freed, LATER.plus(Duration.ofDays(9)));

        // then
        assertThat(much.allocations()).isEqualTo(freed);
    }

    @Test
    void what_is_stored_reads_as_what_was_written() {
        // given
        Allocations written = new Allocations(
                new TreeMap<>(Map.of("node1.example.com", address("fd00::1"))),
                List.of(new Allocations.Freed("node2", address("fd00::2"), LATER)));

        // when
        Allocations.Parsed parsed = Allocations.parse(IpFamily.IPV6, written.toData());

        // then
        assertThat(written.toData())
                .containsOnly(
                        Map.entry("node1.example.com", "fd00::1"),
                        Map.entry("_freed", "fd00::2 node2 2026-01-02T03:14:05Z\n"));
        assertThat(parsed).isEqualTo(new Allocations.Parsed(written, List.of()));
    }

    @Test
    void what_cannot_be_understood_is_named() {
        // given
        Map<String, String> data =
                Map.of("a", "10.0.0.1", "b", "10.0.0.1", "c", "fd00::1", "_freed", "10.0.0.9 x\n10.0.0.9 x soon");

        // when
        List<String> errors = Allocations.parse(IpFamily.IPV4, data).errors();

        // then
        assertThat(errors)
                .containsExactly(
                        "a line of _freed is \"10.0.0.9 x\", not ADDRESS NODE TIME",
                        "a line of _freed: Text 'soon' could not be parsed at index 0",
                        "nodes a and b both have 10.0.0.1",
                        "node c: \"fd00::1\" is not an IPv4 address");
    }

    private static List<String> names(int count) {
        return new ArrayList<>(
                IntStream.range(0, count).mapToObj(i -> "node" + i).toList());
    }

    private static Map<String, InetAddress> addresses(Allocator.Outcome outcome) {
        return outcome.allocations().addresses();
    }
}
