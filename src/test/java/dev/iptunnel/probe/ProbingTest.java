package dev.iptunnel.probe;

import static dev.iptunnel.probe.ReachabilityReason.ADDRESS_UNREACHABLE;
import static dev.iptunnel.probe.ReachabilityReason.NOT_PROGRAMMED;
import static dev.iptunnel.probe.ReachabilityReason.NO_REPLY;
import static dev.iptunnel.probe.ReachabilityReason.PATH_MTU_TOO_SMALL;
import static dev.iptunnel.probe.ReachabilityReason.PEER_ANSWERS;
import static dev.iptunnel.probe.ReachabilityReason.PROBE_NOT_PERMITTED;
import static dev.iptunnel.probe.ReachabilityReason.STARTING;
import static dev.iptunnel.probe.SimulatedPeers.DEFAULTS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.probe.ProbeObstacle.Kind;
import dev.iptunnel.tunnel.ProbeSettings;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Probes against simulated peers, with a simulated clock. */
class ProbingTest {
    private static final ProbeSettings VERIFYING =
            new ProbeSettings(Optional.empty(), Duration.ofSeconds(10), Duration.ofSeconds(2), 3, 2, true);
    /** From a loss until the peer counts as unreachable: an interval, and three probes of three packets. */
    private static final Duration DETECTION = Duration.ofSeconds(10 + 3 * (1 + 1 + 2) + 1);

    private final SimulatedPeers peers = new SimulatedPeers(1);

    private void many(int tunnels) {
        IntStream.range(0, tunnels).forEach(number -> peers.probe("t" + number, DEFAULTS));
    }

    private Set<String> changedWhile(Duration time) {
        Set<String> changed = new HashSet<>();
        peers.probing.takeChanged();
        for (Duration passed = Duration.ZERO; passed.compareTo(time) < 0; passed = passed.plusSeconds(1)) {
            peers.pass(Duration.ofSeconds(1));
            changed.addAll(peers.probing.takeChanged());
        }
        return changed;
    }

    @Test
    void the_first_answer_is_enough() {
        peers.probe("a", DEFAULTS);
        assertThat(peers.reachability("a"))
                .isEqualTo(new Reachability(STARTING, "waiting for the first answers of 10.9.0.2"));

        peers.pass(Duration.ofSeconds(1));

        assertThat(peers.reachability("a")).isEqualTo(new Reachability(PEER_ANSWERS, "10.9.0.2 answers"));
        assertThat(peers.probing.takeChanged()).containsExactly("a");
        assertThat(changedWhile(Duration.ofHours(1))).isEmpty();
    }

    @Test
    void a_peer_that_falls_silent_is_found_after_three_probes_and_back_after_two() {
        peers.probe("a", DEFAULTS);
        peers.pass(Duration.ofMinutes(1));

        peers.loss = 1;
        peers.pass(Duration.ofSeconds(11));
        assertThat(peers.reachability("a").reason()).isEqualTo(PEER_ANSWERS);
        peers.pass(DETECTION.minusSeconds(11));
        assertThat(peers.reachability("a"))
                .isEqualTo(new Reachability(NO_REPLY, "10.9.0.2 does not answer 10.9.0.1 through the tunnel"));

        peers.loss = 0;
        peers.pass(Duration.ofSeconds(9));
        assertThat(peers.reachability("a").reason()).isEqualTo(NO_REPLY);
        peers.pass(Duration.ofSeconds(12));
        assertThat(peers.reachability("a").reason()).isEqualTo(PEER_ANSWERS);
    }

    @Test
    void a_peer_that_never_answers_is_found_as_well() {
        peers.loss = 1;
        peers.probe("a", DEFAULTS);

        peers.pass(DETECTION.plusSeconds(10));

        assertThat(peers.reachability("a").reason()).isEqualTo(NO_REPLY);
    }

    @ParameterizedTest
    @CsvSource({"1, 10000", "99, 10000", "200, 10000", "999, 49950"})
    void tunnels_share_twenty_probes_a_second_without_bursts(int tunnels, long interval) {
        many(tunnels);
        peers.pass(Duration.ofMinutes(3));
        peers.sent.clear();

        peers.pass(Duration.ofMillis(interval).multipliedBy(10));

        assertThat(peers.probing.reports()).allMatch(report -> report.interval().equals(Duration.ofMillis(interval)));
        assertThat(peers.sent.size()).isBetween(tunnels * 10 - tunnels / 50 - 1, tunnels * 10 + tunnels / 50 + 1);
        for (int i = 1; i < peers.sent.size(); i++) {
            assertThat(Duration.between(peers.sent.get(i - 1), peers.sent.get(i)))
                    .isGreaterThanOrEqualTo(Duration.ofMillis(50));
        }
    }

    @Test
    void probes_of_a_few_tunnels_are_spread_over_the_interval() {
        many(50);
        peers.pass(Duration.ofMinutes(1));
        peers.sent.clear();

        peers.pass(Duration.ofSeconds(10));

        for (int fifth = 0; fifth < 5; fifth++) {
            Instant begin = peers.now.minusSeconds(10).plusSeconds(2L * fifth);
            assertThat(peers.sent)
                    .filteredOn(at -> !at.isBefore(begin) && at.isBefore(begin.plusSeconds(2)))
                    .hasSizeBetween(3, 20);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void a_loss_of_twenty_percent_does_not_flap(long seed) {
        SimulatedPeers lossy = new SimulatedPeers(seed);
        IntStream.range(0, 999).forEach(number -> lossy.probe("t" + number, DEFAULTS));
        lossy.pass(Duration.ofMinutes(3));
        lossy.probing.takeChanged();
        lossy.loss = 0.2;

        lossy.pass(Duration.ofHours(1));

        assertThat(lossy.probing.takeChanged()).isEmpty();
        assertThat(lossy.probing.reports())
                .allMatch(report -> report.reachability().reason() == PEER_ANSWERS)
                .allSatisfy(report -> assertThat((double) report.counts().lost()
                                / report.counts().sent())
                        .isBetween(0.02, 0.45));
    }

    @Test
    void all_of_many_silent_peers_are_found_within_four_intervals() {
        many(999);
        peers.pass(Duration.ofMinutes(3));
        peers.loss = 1;
        peers.sent.clear();

        peers.pass(Duration.ofSeconds(4 * 50 + 6));

        assertThat(peers.probing.reports())
                .filteredOn(report -> report.reachability().reason() != NO_REPLY)
                .isEmpty();
        assertThat(peers.sent.size()).isLessThanOrEqualTo(60 * 206);
    }

    @Test
    void what_was_known_before_the_agent_started_holds_until_the_probes_say_otherwise() {
        Reachability before = new Reachability(NO_REPLY, "what it said then");
        peers.probing.put("a", SimulatedPeers.subject("a", DEFAULTS, 1480), Optional.of(before), peers.now);
        assertThat(peers.reachability("a")).isEqualTo(before);

        peers.pass(Duration.ofSeconds(2));
        assertThat(peers.reachability("a")).isEqualTo(before);
        peers.pass(Duration.ofSeconds(20));

        assertThat(peers.reachability("a").reason()).isEqualTo(PEER_ANSWERS);
    }

    @Test
    void a_restart_changes_nothing_of_peers_that_are_as_they_were() {
        peers.probe("answering", DEFAULTS);
        peers.pass(Duration.ofMinutes(1));
        SimulatedPeers silent = new SimulatedPeers(1);
        silent.loss = 1;
        silent.obstacle = Optional.of(new ProbeObstacle(Kind.UNREACHABLE, "host unreachable"));
        silent.probe("silent", DEFAULTS);
        silent.pass(Duration.ofMinutes(2));
        assertThat(silent.reachability("silent").reason()).isEqualTo(ADDRESS_UNREACHABLE);

        for (SimulatedPeers network : new SimulatedPeers[] {peers, silent}) {
            String name = network == peers ? "answering" : "silent";
            Reachability known = network.reachability(name);
            network.obstacle = Optional.empty();
            network.probing.remove(name);
            network.probing.takeChanged();
            network.probing.put(name, SimulatedPeers.subject(name, DEFAULTS, 1480), Optional.of(known), network.now);
            network.pass(Duration.ofMinutes(5));
            assertThat(network.probing.takeChanged()).isEmpty();
            assertThat(network.reachability(name)).isEqualTo(known);
        }
    }

    @Test
    void a_message_that_somebody_says_unreachable_stays_while_that_is_heard_now_and_then() {
        peers.loss = 1;
        peers.obstacle = Optional.of(new ProbeObstacle(Kind.UNREACHABLE, "host unreachable, says 10.9.0.1"));
        peers.probe("a", DEFAULTS);
        peers.pass(Duration.ofMinutes(2));
        assertThat(peers.reachability("a"))
                .isEqualTo(new Reachability(
                        ADDRESS_UNREACHABLE, "10.9.0.2 does not answer 10.9.0.1: host unreachable, says 10.9.0.1"));
        peers.probing.takeChanged();

        peers.obstacle = Optional.empty();
        peers.pass(Duration.ofMinutes(2));
        peers.obstacle = Optional.of(new ProbeObstacle(Kind.UNREACHABLE, "host unreachable, says 10.9.0.9"));
        peers.pass(Duration.ofMinutes(2));
        assertThat(peers.probing.takeChanged()).isEmpty();

        peers.obstacle = Optional.empty();
        peers.loss = 0;
        peers.pass(Duration.ofMinutes(2));
        assertThat(peers.reachability("a").message()).isEqualTo("10.9.0.2 answers");
        peers.loss = 1;
        peers.pass(Duration.ofMinutes(2));
        assertThat(peers.reachability("a").reason()).isEqualTo(NO_REPLY);
    }

    @Test
    void silence_on_a_way_that_was_never_answered_proves_nothing() {
        ProbeObstacle noPermission = new ProbeObstacle(Kind.NOT_PERMITTED, "the node allows no ICMP sockets");
        peers.obstacle = Optional.of(noPermission);
        peers.loss = 1;
        peers.probe("a", DEFAULTS);
        peers.pass(Duration.ofMinutes(2));
        assertThat(peers.reachability("a").reason()).isEqualTo(PROBE_NOT_PERMITTED);

        peers.loss = 0;
        peers.pass(Duration.ofMinutes(2));
        assertThat(peers.reachability("a").reason()).isEqualTo(PEER_ANSWERS);

        peers.loss = 1;
        peers.pass(Duration.ofMinutes(2));
        assertThat(peers.reachability("a").reason()).isEqualTo(NO_REPLY);
    }

    @Test
    void silence_on_a_way_that_was_answered_before_the_agent_started_is_silence() {
        Reachability before = new Reachability(NO_REPLY, "10.9.0.2 does not answer 10.9.0.1 through the tunnel");
        peers.obstacle = Optional.of(new ProbeObstacle(Kind.NOT_PERMITTED, "the node allows no ICMP sockets"));
        peers.loss = 1;
        peers.probing.put("a", SimulatedPeers.subject("a", DEFAULTS, 1480), Optional.of(before), peers.now);

        peers.pass(Duration.ofMinutes(5));

        assertThat(peers.reachability("a")).isEqualTo(before);
        assertThat(peers.probing.takeChanged()).isEmpty();
    }

    @Test
    void a_node_that_permits_more_from_now_on_is_believed() {
        peers.obstacle = Optional.of(new ProbeObstacle(Kind.NOT_PERMITTED, "the node allows no ICMP sockets"));
        peers.loss = 1;
        peers.probe("a", DEFAULTS);
        peers.pass(Duration.ofMinutes(2));
        assertThat(peers.reachability("a").reason()).isEqualTo(PROBE_NOT_PERMITTED);

        peers.obstacle = Optional.empty();
        peers.pass(Duration.ofMinutes(1));

        assertThat(peers.reachability("a").reason()).isEqualTo(NO_REPLY);
    }

    @Test
    void an_interface_that_is_missing_for_long_is_said() {
        peers.probe("a", DEFAULTS);
        peers.pass(Duration.ofMinutes(1));
        peers.loss = 1;
        peers.obstacle = Optional.of(new ProbeObstacle(Kind.NOT_PROGRAMMED, "the node has no interface a"));

        peers.pass(Duration.ofSeconds(15));
        assertThat(peers.reachability("a").reason()).isEqualTo(PEER_ANSWERS);
        peers.pass(Duration.ofSeconds(30));

        assertThat(peers.reachability("a").reason()).isEqualTo(NOT_PROGRAMMED);
    }

    @Test
    void the_first_verdict_includes_the_path_mtu() {
        peers.probe("a", VERIFYING);

        peers.pass(Duration.ofSeconds(5));

        assertThat(peers.reachability("a"))
                .isEqualTo(new Reachability(
                        PEER_ANSWERS, "10.9.0.2 answers, also packets of 1480 bytes, the tunnel's MTU"));
        assertThat(peers.longest).containsEntry("a", 1480);
        assertThat(peers.probing.reports().getFirst().pathMtu()).hasValue(1480);
    }

    @ParameterizedTest
    @CsvSource({"1380, true", "1380, false", "1479, false", "576, false", "577, true", "1000, false", "552, true"})
    void a_path_with_a_smaller_mtu_is_measured_exactly_and_found_again_when_it_is_raised(int mtu, boolean tells) {
        peers.pathMtu = mtu;
        peers.tells = tells;
        peers.probe("a", VERIFYING);

        peers.pass(Duration.ofMinutes(4));

        assertThat(peers.reachability("a"))
                .isEqualTo(new Reachability(
                        PATH_MTU_TOO_SMALL,
                        "1480 bytes, the tunnel's MTU, do not pass to or from 10.9.0.2; " + mtu + " do: write mtu: "
                                + mtu + " at both ends"));
        peers.probing.takeChanged();
        peers.pass(Duration.ofHours(1));
        assertThat(peers.probing.takeChanged()).isEmpty();

        peers.pathMtu = 1480;
        peers.pass(Duration.ofMinutes(2));
        assertThat(peers.reachability("a").reason()).isEqualTo(PEER_ANSWERS);
    }

    @Test
    void a_path_on_which_not_even_the_base_passes_is_said() {
        peers.pathMtu = 500;
        peers.probe("a", VERIFYING);

        peers.pass(Duration.ofMinutes(4));

        assertThat(peers.reachability("a"))
                .isEqualTo(new Reachability(
                        PATH_MTU_TOO_SMALL,
                        "1480 bytes, the tunnel's MTU, do not pass to or from 10.9.0.2; not even 576 do: raise the MTU"
                                + " of the path"));
    }

    @Test
    void a_path_that_becomes_smaller_is_found_within_eleven_minutes() {
        peers.probe("a", VERIFYING);
        peers.pass(Duration.ofMinutes(5));
        peers.pathMtu = 1400;

        peers.pass(Duration.ofMinutes(13));

        assertThat(peers.reachability("a").message()).contains("1400 do");
    }

    @Test
    void a_new_mtu_is_verified_at_once() {
        peers.probe("a", VERIFYING);
        peers.pathMtu = 1400;
        peers.pass(Duration.ofMinutes(4));
        assertThat(peers.reachability("a").reason()).isEqualTo(PATH_MTU_TOO_SMALL);

        peers.probing.put("a", SimulatedPeers.subject("a", VERIFYING, 1400), Optional.empty(), peers.now);
        assertThat(peers.reachability("a").reason()).isEqualTo(PATH_MTU_TOO_SMALL);
        peers.pass(Duration.ofSeconds(5));

        assertThat(peers.reachability("a").message())
                .isEqualTo("10.9.0.2 answers, also packets of 1400 bytes, the tunnel's MTU");
    }

    @Test
    void the_path_mtu_is_not_blamed_for_a_peer_that_falls_silent() {
        peers.probe("a", VERIFYING);
        peers.pass(Duration.ofMinutes(9));
        Set<ReachabilityReason> seen = new HashSet<>();
        peers.loss = 1;

        for (int i = 0; i < 30; i++) {
            peers.pass(Duration.ofMinutes(1));
            seen.add(peers.reachability("a").reason());
        }

        assertThat(seen).containsExactlyInAnyOrder(NO_REPLY);
    }

    @Test
    void a_loss_of_twenty_percent_is_no_matter_of_the_path_mtu() {
        peers.loss = 0.2;
        IntStream.range(0, 99).forEach(number -> peers.probe("t" + number, VERIFYING));
        peers.pass(Duration.ofMinutes(5));
        peers.probing.takeChanged();

        peers.pass(Duration.ofHours(6));

        assertThat(peers.probing.takeChanged()).isEmpty();
    }

    @Test
    void a_tunnel_that_is_not_probed_any_more_has_no_probe_under_way() {
        peers.loss = 1;
        peers.probe("a", DEFAULTS);
        peers.pass(Duration.ofSeconds(1));
        assertThat(peers.underWay).containsExactly("a");

        peers.probing.remove("a");

        assertThat(peers.underWay).isEmpty();
        assertThat(peers.probing.wake()).isEmpty();
        assertThat(peers.probing.reachability("a")).isEmpty();
        assertThat(peers.probing.reports()).isEmpty();
    }

    @Test
    void another_target_begins_anew_and_another_interface_does_not() {
        peers.probe("a", DEFAULTS);
        peers.pass(Duration.ofSeconds(1));
        ProbeSubject subject = SimulatedPeers.subject("a", DEFAULTS, 1480);
        ProbeSubject recreated = new ProbeSubject(
                subject.uid(), "a", 8, 1480, subject.remote(), subject.source(), subject.target(), DEFAULTS);
        ProbeSubject asking = new ProbeSubject(
                subject.uid(), "a", 8, 1480, subject.remote(), subject.target(), subject.source(), DEFAULTS);

        peers.probing.put("a", recreated, Optional.empty(), peers.now);
        assertThat(peers.reachability("a").reason()).isEqualTo(PEER_ANSWERS);

        peers.probing.put("a", asking, Optional.empty(), peers.now);
        assertThat(peers.reachability("a").message()).isEqualTo("waiting for the first answers of 10.9.0.1");
    }
}
