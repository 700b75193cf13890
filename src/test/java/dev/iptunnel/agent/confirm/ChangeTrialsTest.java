package dev.iptunnel.agent.confirm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.agent.Tunnels;
import dev.iptunnel.agent.program.Outcome;
import dev.iptunnel.agent.program.TunnelProgrammer;
import dev.iptunnel.api.v1alpha1.IpTunnel;
import dev.iptunnel.kernel.FakeTunnelKernel;
import dev.iptunnel.kernel.Heartbeat;
import dev.iptunnel.kernel.TimedHeartbeat;
import dev.iptunnel.observation.ObservedLink;
import dev.iptunnel.observation.ObservedRoute;
import dev.iptunnel.plan.Reason;
import dev.iptunnel.plan.Refusal;
import dev.iptunnel.planner.Claims;
import dev.iptunnel.planner.SimulatedNode;
import dev.iptunnel.schedule.MovableClock;
import dev.iptunnel.tunnel.DesiredTunnel;
import dev.iptunnel.tunnel.InnerRoute;
import dev.iptunnel.tunnel.IpFamily;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The API server is 10.77.0.254, behind eth0; what leads there through a tunnel is lost. */
class ChangeTrialsTest {
    private static final InetSocketAddress API_SERVER = new InetSocketAddress(IpFamily.IPV4.parse("10.77.0.254"), 6443);
    private static final String CUTTING = "routes: [{destination: 10.77.0.254/32}]";
    private static final String HARMLESS = "routes: [{destination: 10.88.0.0/16}]";
    private static final Duration SILENCE = Duration.ofSeconds(30);

    private final FakeTunnelKernel kernel = new FakeTunnelKernel(SimulatedNode.withEthernet());
    private final TunnelProgrammer programmer = new TunnelProgrammer(kernel);
    private final MovableClock clock = new MovableClock();
    private final List<Cause> undone = new ArrayList<>();
    private BooleanSupplier reachable = () ->
            kernel.egress(List.of(API_SERVER.getAddress())).getFirst().devices().equals(List.of("eth0"));
    private String boot = "this boot";
    private ChangeTrials trials;

    private Path folder;

    @BeforeEach
    void start(@TempDir Path temporary) {
        folder = temporary;
        trials = started();
    }

    private ChangeTrials started() {
        return started(SILENCE);
    }

    private ChangeTrials started(Duration silence) {
        Boot now = new Boot() {
            @Override
            public String id() {
                return boot;
            }

            @Override
            public double seconds() {
                return Duration.between(Instant.EPOCH, clock.instant()).toSeconds();
            }
        };
        ChangeTrials made = new ChangeTrials(
                kernel,
                new ConfirmSettings(silence, Optional.of(folder)),
                ChangeFiles.in(folder),
                (_, patience) -> {
                    boolean answers = reachable.getAsBoolean();
                    if (!answers) {
                        clock.move(patience);
                    }
                    return answers;
                },
                now,
                clock,
                undone::add);
        made.follow(Set.of(API_SERVER));
        return made;
    }

    /** As the reconciler does. */
    private Outcome program(IpTunnel tunnel) {
        DesiredTunnel desired = Tunnels.READER.read(tunnel);
        return programmer.program(
                desired,
                OptionalInt.empty(),
                () -> Claims.NONE,
                _ -> {},
                trials.of(tunnel.getMetadata().getGeneration()));
    }

    private static IpTunnel generation(long generation, String fields) {
        IpTunnel tunnel = Tunnels.ipip("to-berlin", fields);
        tunnel.getMetadata().setGeneration(generation);
        return tunnel;
    }

    private List<String> routes() {
        return kernel.node().named("to-berlin").stream()
                .flatMap(link -> link.routes().stream())
                .filter(ObservedRoute::ours)
                .map(ObservedRoute::route)
                .map(InnerRoute::toString)
                .toList();
    }

    private List<String> files() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }

    private static Optional<Reason> reason(Outcome outcome) {
        return outcome.notProgrammed().map(Refusal::reason);
    }

    private Optional<String> refused(IpTunnel tunnel) {
        return trials.undone(Tunnels.READER.read(tunnel), tunnel.getMetadata().getGeneration())
                .map(undo -> undo.refusal().message());
    }

    @Test
    void a_thread_that_waits_for_an_answer_is_not_stuck_however_long_that_takes() {
        // given
        Heartbeat heartbeat = TimedHeartbeat.of(clock);
        List<Optional<String>> troubles = new ArrayList<>();
        BooleanSupplier byUplink = reachable;
        reachable = () -> {
            troubles.add(heartbeat.trouble());
            return byUplink.getAsBoolean();
        };
        trials = started(Duration.ofMinutes(30));

        // when
        heartbeat.begin();
        Outcome outcome = program(generation(1, CUTTING));
        troubles.add(heartbeat.trouble());
        heartbeat.end();

        // then
        assertThat(reason(outcome)).contains(Reason.ROLLED_BACK);
        assertThat(troubles).hasSizeGreaterThan(10).containsOnly(Optional.empty());
    }

    @Test
    void a_new_tunnel_that_cuts_the_node_off_is_removed_within_35_seconds() {
        // given
        Instant begin = clock.instant();

        // when
        Outcome outcome = program(generation(1, CUTTING));

        // then
        assertThat(reason(outcome)).contains(Reason.ROLLED_BACK);
        assertThat(outcome.notProgrammed().orElseThrow().message())
                .isEqualTo(
                        "generation 1 cut the node off from the API server (10.77.0.254:6443 did not answer for 30 s)"
                                + " and was undone; there is no tunnel until the spec changes");
        assertThat(outcome.notProgrammed().orElseThrow().stalls()).isTrue();
        assertThat(kernel.links()).extracting(ObservedLink::name).containsExactly("eth0");
        assertThat(Duration.between(begin, clock.instant())).isBetween(SILENCE, Duration.ofSeconds(35));
        assertThat(undone).containsExactly(Cause.SILENT);
    }

    @Test
    void a_change_that_cuts_the_node_off_gives_way_to_the_tunnel_before() {
        // given
        program(generation(1, HARMLESS));
        int ifindex = kernel.node().named("to-berlin").orElseThrow().index();

        // when
        Outcome outcome = program(generation(2, CUTTING));

        // then
        assertThat(reason(outcome)).contains(Reason.ROLLED_BACK);
        assertThat(routes()).containsExactly("10.88.0.0/16");
        assertThat(kernel.node().named("to-berlin").orElseThrow().index()).isEqualTo(ifindex);
        assertThat(kernel.node().named("to-berlin").flatMap(ObservedLink::mark)).contains(Tunnels.mark("to-berlin"));
    }

    @Test
    void a_tunnel_made_by_hand_that_the_change_takes_over_is_not_removed() {
        // given
        program(generation(1, "adminState: Up"));
        ObservedLink made = kernel.node().named("to-berlin").orElseThrow();
        kernel.node().put(made.toBuilder().alias("").build());

        // when
        Outcome outcome = program(generation(2, CUTTING + "\nadoptionPolicy: IfIdentical"));

        // then
        assertThat(reason(outcome)).contains(Reason.ROLLED_BACK);
        assertThat(kernel.node().named("to-berlin").orElseThrow().index()).isEqualTo(made.index());
        assertThat(routes()).isEmpty();
    }

    @Test
    void what_was_undone_is_not_made_again_until_the_spec_changes_not_even_after_a_restart() {
        // given
        program(generation(1, HARMLESS));
        program(generation(2, CUTTING));

        // when
        trials = started();
        boot = "after a reboot";
        trials.resume();

        // then
        assertThat(refused(generation(2, CUTTING))).hasValueSatisfying(message -> assertThat(message)
                .startsWith("generation 2 cut the node off")
                .endsWith("the tunnel is as before, until the spec changes"));
        assertThat(trials.undone(Tunnels.READER.read(generation(2, CUTTING)), 2)
                        .flatMap(undo -> undo.held())
                        .orElseThrow()
                        .routes())
                .extracting(InnerRoute::toString)
                .containsExactly("10.88.0.0/16");
        assertThat(refused(generation(3, HARMLESS))).isEmpty();
    }

    @Test
    void the_next_generation_is_tried() {
        // given
        program(generation(1, CUTTING));

        // when
        Outcome outcome = program(generation(2, HARMLESS));

        // then
        assertThat(refused(generation(2, HARMLESS))).isEmpty();
        assertThat(outcome.programmed()).isTrue();
        assertThat(routes()).containsExactly("10.88.0.0/16");
    }

    @Test
    void what_was_undone_of_a_deleted_object_is_forgotten() throws IOException {
        // given
        program(generation(1, CUTTING));

        // when
        trials.retain(Set.of());

        // then
        assertThat(refused(generation(1, CUTTING))).isEmpty();
        assertThat(files()).isEmpty();
    }

    @Test
    void an_answer_confirms_the_change_and_takes_its_file_off() throws IOException {
        // given
        List<Integer> filesMeanwhile = new ArrayList<>();
        reachable = () -> {
            try {
                filesMeanwhile.add(files().size());
            } catch (IOException e) {
                throw new AssertionError(e);
            }
            return true;
        };

        // when
        Outcome outcome = program(generation(1, CUTTING));

        // then
        assertThat(outcome.programmed()).isTrue();
        assertThat(filesMeanwhile).containsExactly(0, 1);
        assertThat(files()).isEmpty();
    }

    @Test
    void a_change_that_leaves_the_way_to_the_api_server_alone_is_not_watched() {
        // given
        reachable = () -> {
            throw new AssertionError("asked");
        };

        // when
        Outcome outcome = program(generation(1, HARMLESS));

        // then
        assertThat(outcome.programmed()).isTrue();
    }

    @Test
    void nothing_is_undone_if_the_api_server_was_silent_before() {
        // given
        reachable = () -> false;

        // when
        Outcome outcome = program(generation(1, CUTTING));

        // then
        assertThat(outcome.programmed()).isTrue();
        assertThat(undone).isEmpty();
    }

    @Test
    void an_outage_after_a_change_that_left_the_way_as_it_was_undoes_nothing() throws IOException {
        // given
        program(generation(1, "adminState: Down"));
        List<Boolean> answers = new ArrayList<>(List.of(true, false));
        reachable = answers::removeFirst;

        // when
        Outcome outcome = program(generation(2, "adminState: Down\naddresses: [{address: 10.77.0.1/24}]"));

        // then
        assertThat(outcome.programmed()).isTrue();
        assertThat(answers).isEmpty();
        assertThat(undone).isEmpty();
        assertThat(files()).isEmpty();
    }

    @Test
    void a_change_of_the_tunnel_that_leads_to_the_api_server_is_undone() {
        // given
        reachable = () -> kernel.node()
                .named("to-berlin")
                .flatMap(ObservedLink::tunnel)
                .map(tunnel -> IpFamily.format(tunnel.remote()).equals("192.0.2.2"))
                .orElse(true);
        program(generation(1, CUTTING));

        // when
        Outcome outcome = program(generation(2, CUTTING + "\nremote: 192.0.2.9"));

        // then
        assertThat(reason(outcome)).contains(Reason.ROLLED_BACK);
        assertThat(kernel.node()
                        .named("to-berlin")
                        .flatMap(ObservedLink::tunnel)
                        .orElseThrow()
                        .remote())
                .isEqualTo(IpFamily.IPV4.parse("192.0.2.2"));
        assertThat(routes()).containsExactly("10.77.0.254/32");
    }

    @Test
    void an_agent_that_was_killed_after_a_change_undoes_it_before_it_needs_the_api_server() {
        // given
        program(generation(1, HARMLESS));
        killedDuring(generation(2, CUTTING));
        assertThat(routes()).containsExactly("10.77.0.254/32");

        // when
        trials = started();
        trials.resume();

        // then
        assertThat(routes()).containsExactly("10.88.0.0/16");
        assertThat(undone).containsExactly(Cause.RESTART);
        assertThat(refused(generation(2, CUTTING)).orElseThrow()).startsWith("generation 2 was not confirmed");
    }

    @Test
    void an_agent_that_was_killed_removes_the_new_tunnel_that_cut_the_node_off() {
        // given
        killedDuring(generation(1, CUTTING));

        // when
        trials = started();
        trials.resume();

        // then
        assertThat(kernel.links()).extracting(ObservedLink::name).containsExactly("eth0");
    }

    @Test
    void an_agent_that_was_killed_confirms_a_change_after_which_the_api_server_answers() throws IOException {
        // given
        killedDuring(generation(1, CUTTING));
        reachable = () -> true;

        // when
        trials = started();
        trials.resume();

        // then
        assertThat(routes()).containsExactly("10.77.0.254/32");
        assertThat(files()).isEmpty();
        assertThat(refused(generation(1, CUTTING))).isEmpty();
    }

    @Test
    void after_a_power_cut_a_change_that_was_not_confirmed_is_not_made_again() {
        // given
        killedDuring(generation(1, CUTTING));
        kernel.node().remove(kernel.node().named("to-berlin").orElseThrow());
        boot = "after the power cut";

        // when
        trials = started();
        trials.resume();

        // then
        assertThat(refused(generation(1, CUTTING)).orElseThrow())
                .isEqualTo("generation 1 was not confirmed when the node was stopped, and was undone;"
                        + " there is no tunnel until the spec changes");
    }

    /** The agent is killed between the change and the answer. */
    private void killedDuring(IpTunnel tunnel) {
        BooleanSupplier before = reachable;
        List<Boolean> baseline = new ArrayList<>(List.of(true));
        reachable = () -> {
            if (baseline.isEmpty()) {
                throw new KilledException();
            }
            return baseline.removeFirst();
        };
        try {
            program(tunnel);
            throw new AssertionError("not killed");
        } catch (KilledException expected) {
            reachable = before;
        }
    }

    private static final class KilledException extends RuntimeException {}

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{\"format\": 1, \"uid\": \"uid-of-to-berlin\", \"gener",
                "{\"format\": 2, \"uid\": \"uid-of-to-berlin\", \"rolledBack\": \"x\"}",
                "{\"format\": 1, \"uid\": \"another\", \"rolledBack\": \"x\"}",
                "[]",
                "no JSON"
            })
    void a_torn_foreign_or_future_file_is_ignored(String content) throws IOException {
        // given
        Files.writeString(folder.resolve("uid-of-to-berlin.json"), content);

        // when
        trials = started();
        trials.resume();

        // then
        assertThat(refused(generation(1, HARMLESS))).isEmpty();
        assertThat(program(generation(1, HARMLESS)).programmed()).isTrue();
    }

    @Test
    void without_a_folder_a_change_is_undone_as_well() {
        // given
        trials = new ChangeTrials(
                kernel,
                new ConfirmSettings(SILENCE, Optional.empty()),
                ChangeFiles.in(Path.of("/proc/no-such-folder")),
                (_, patience) -> {
                    clock.move(patience);
                    return reachable.getAsBoolean();
                },
                Boot.ofThisMachine(),
                clock,
                undone::add);
        trials.follow(Set.of(API_SERVER));

        // when
        Outcome outcome = program(generation(1, CUTTING));

        // then
        assertThat(reason(outcome)).contains(Reason.ROLLED_BACK);
        assertThat(refused(generation(1, CUTTING))).isPresent();
    }

    @Test
    void without_a_time_limit_nothing_is_undone() {
        // given
        trials = ChangeTrials.of(kernel, ConfirmSettings.OFF, clock, undone::add);
        trials.follow(Set.of(API_SERVER));

        // when
        Outcome outcome = program(generation(1, CUTTING));

        // then
        assertThat(outcome.programmed()).isTrue();
        assertThat(routes()).containsExactly("10.77.0.254/32");
    }
}
