package dev.iptunnel.agent.program;

import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.agent.InterceptedKernel;
import dev.iptunnel.agent.Tunnels;
import dev.iptunnel.api.v1alpha1.IpTunnel;
import dev.iptunnel.kernel.FakeTunnelKernel;
import dev.iptunnel.observation.ObservedLink;
import dev.iptunnel.plan.Operation.AddTunnel;
import dev.iptunnel.plan.Plan;
import dev.iptunnel.planner.SimulatedNode;
import dev.iptunnel.tunnel.DeletionPolicy;
import java.util.List;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
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
    void looks_again_when_it_is_its_turn() {
        // given
        IpTunnel tunnel = Tunnels.ipip("to-berlin");
        AtomicInteger looks = new AtomicInteger();
        TunnelProgrammer raced = new TunnelProgrammer(new InterceptedKernel(
                kernel,
                () -> {
                    if (looks.incrementAndGet() == 1) {
                        Tunnels.program(programmer(_ -> {}), tunnel);
                    }
                },
                _ -> {
                    throw new AssertionError("planned for what was there before");
                }));

        // when
        Outcome outcome = Tunnels.program(raced, tunnel);

        // then
        assertThat(outcome.programmed()).isTrue();
        assertThat(outcome.executed()).isEmpty();
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
