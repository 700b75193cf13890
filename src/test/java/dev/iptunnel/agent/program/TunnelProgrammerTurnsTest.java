package dev.iptunnel.agent.program;

import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.agent.InterceptedKernel;
import dev.iptunnel.agent.Tunnels;
import dev.iptunnel.api.v1alpha1.IpTunnel;
import dev.iptunnel.kernel.FakeTunnelKernel;
import dev.iptunnel.kernel.Heartbeat;
import dev.iptunnel.kernel.TimedHeartbeat;
import dev.iptunnel.observation.ObservedLink;
import dev.iptunnel.plan.Operation.AddTunnel;
import dev.iptunnel.plan.Plan;
import dev.iptunnel.plan.Reason;
import dev.iptunnel.plan.Refusal;
import dev.iptunnel.planner.Claims;
import dev.iptunnel.planner.ListedClaims;
import dev.iptunnel.planner.SimulatedNode;
import dev.iptunnel.schedule.MovableClock;
import dev.iptunnel.tunnel.DeletionPolicy;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Function;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A plan may concern several tunnels, so plans run one at a time; a removal concerns one, so removals run in parallel.
 */
@Timeout(60)
class TunnelProgrammerTurnsTest {
    private final FakeTunnelKernel kernel = new FakeTunnelKernel(SimulatedNode.withEthernet());
    private final List<String> happened = new CopyOnWriteArrayList<>();

    @BeforeEach
    void put() {
        Tunnels.put(kernel.node(), 50, "first", Tunnels.mark("first").toString());
        Tunnels.put(kernel.node(), 51, "second", Tunnels.mark("second").toString());
    }

    private TunnelProgrammer programmer(Consumer<Plan> beforeExecuting) {
        return new TunnelProgrammer(new InterceptedKernel(kernel, () -> {}, beforeExecuting));
    }

    private ObservedLink link(String name) {
        return kernel.node().named(name).orElseThrow();
    }

    @Test
    void removals_run_in_parallel() throws InterruptedException {
        // given
        CyclicBarrier both = new CyclicBarrier(2);
        TunnelProgrammer programmer = programmer(_ -> {
            try {
                both.await(30, TimeUnit.SECONDS);
                happened.add("beside another");
            } catch (BrokenBarrierException | TimeoutException | InterruptedException e) {
                happened.add("alone");
            }
        });
        ObservedLink first = link("first");
        ObservedLink second = link("second");

        // when
        Thread other = Thread.ofPlatform().start(() -> programmer.remove(first, DeletionPolicy.DELETE, () -> true));
        programmer.remove(second, DeletionPolicy.DELETE, () -> true);
        other.join();

        // then
        assertThat(happened).containsExactly("beside another", "beside another");
    }

    @Test
    void a_removal_waits_until_a_tunnel_is_programmed() throws InterruptedException {
        // given
        ObservedLink first = link("first");
        List<Thread> removals = new CopyOnWriteArrayList<>();
        List<TunnelProgrammer> programmers = new CopyOnWriteArrayList<>();
        programmers.add(programmer(plan -> {
            if (plan.operations().stream().noneMatch(AddTunnel.class::isInstance)) {
                happened.add("removed");
                return;
            }
            Thread removal = Thread.ofPlatform()
                    .start(() -> programmers.getFirst().remove(first, DeletionPolicy.DELETE, () -> true));
            removals.add(removal);
            while (removal.getState() != Thread.State.WAITING && removal.isAlive()) {
                Thread.onSpinWait();
            }
            happened.add("programmed");
        }));

        // when
        Tunnels.program(programmers.getFirst(), Tunnels.ipip("to-berlin"));
        removals.getFirst().join();

        // then
        assertThat(happened).containsExactly("programmed", "removed");
    }

    @Test
    void looks_when_it_is_its_turn() throws InterruptedException {
        // given
        IpTunnel tunnel = Tunnels.ipip("to-berlin");

        // when
        Outcome outcome = whileAnotherIsProgrammed(tunnel, () -> {}, programmer -> Tunnels.program(programmer, tunnel));

        // then
        assertThat(outcome.programmed()).isTrue();
        assertThat(outcome.executed()).isEmpty();
    }

    @Test
    void that_waits_for_its_turn_is_not_stuck() throws InterruptedException {
        // given
        MovableClock clock = new MovableClock();
        Heartbeat heartbeat = TimedHeartbeat.of(clock);
        List<Optional<String>> troubles = new CopyOnWriteArrayList<>();

        // when
        whileAnotherIsProgrammed(
                Tunnels.ipip("to-berlin"),
                () -> {
                    clock.move(Duration.ofMinutes(11));
                    troubles.add(heartbeat.trouble());
                },
                programmer -> {
                    heartbeat.begin();
                    Outcome outcome = Tunnels.program(programmer, Tunnels.ipip("to-munich"));
                    troubles.add(heartbeat.trouble());
                    return outcome;
                });

        // then
        assertThat(troubles).containsExactly(Optional.empty(), Optional.empty());
    }

    @Test
    void reads_what_others_ask_for_when_its_turn_has_come() throws InterruptedException {
        // given
        IpTunnel younger = created(Tunnels.ipip("younger", "interfaceName: tun"), "2026-02-02T00:00:00Z");
        IpTunnel older = created(Tunnels.ipip("older", "interfaceName: tun"), "2026-01-01T00:00:00Z");
        List<Claims> claims = new CopyOnWriteArrayList<>(List.of(ListedClaims.NONE));

        // when
        Outcome outcome = whileAnotherIsProgrammed(
                Tunnels.ipip("to-berlin"),
                () -> claims.add(ListedClaims.of(List.of(Tunnels.READER.read(older)))),
                programmer -> programmer.program(
                        Tunnels.READER.read(younger), OptionalInt.empty(), claims::getLast, _ -> {}));

        // then
        assertThat(outcome.notProgrammed()).map(Refusal::reason).contains(Reason.INTERFACE_NAME_CONFLICT);
        assertThat(kernel.node().named("tun")).isEmpty();
    }

    private static IpTunnel created(IpTunnel tunnel, String time) {
        tunnel.getMetadata().setCreationTimestamp(time);
        return tunnel;
    }

    /** What comes of the second call, which waits for its turn when the first executes its plan. */
    private Outcome whileAnotherIsProgrammed(
            IpTunnel first, Runnable meanwhile, Function<TunnelProgrammer, Outcome> second)
            throws InterruptedException {
        List<Outcome> outcomes = new CopyOnWriteArrayList<>();
        List<Thread> waiting = new CopyOnWriteArrayList<>();
        List<TunnelProgrammer> programmers = new CopyOnWriteArrayList<>();
        programmers.add(programmer(_ -> {
            if (waiting.isEmpty()) {
                Thread other = Thread.ofPlatform().start(() -> outcomes.add(second.apply(programmers.getFirst())));
                waiting.add(other);
                while (other.getState() != Thread.State.WAITING && other.isAlive()) {
                    Thread.onSpinWait();
                }
                meanwhile.run();
            }
        }));
        Tunnels.program(programmers.getFirst(), first);
        waiting.getFirst().join();
        return outcomes.getFirst();
    }

    @Test
    void that_lost_a_race_says_what_the_kernel_holds_now() {
        // given
        TunnelProgrammer raced = new TunnelProgrammer(new InterceptedKernel(
                kernel, () -> {}, _ -> kernel.node().put(SimulatedNode.ethernet(9, "to-berlin", 9000))));

        // when
        Outcome outcome = Tunnels.program(raced, Tunnels.ipip("to-berlin"));

        // then
        assertThat(outcome.programmed()).isFalse();
        assertThat(outcome.state().orElseThrow().observed().named())
                .map(ObservedLink::index)
                .contains(9);
    }
}
