package dev.iptunnel.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.kernel.FakeTunnelKernel;
import dev.iptunnel.tunnel.SimulatedNode;
import java.time.Duration;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The brake on mass removal, where not everything happens at once. */
class OrphansHoldTest {
    private final FakeApiServer api = new FakeApiServer();
    private final FakeTunnelKernel kernel = new FakeTunnelKernel(SimulatedNode.withEthernet());
    private final EventRecorder events = api.events();
    private final MovableClock clock = new MovableClock();
    private final Orphans orphans = new Orphans(
            kernel, new TunnelProgrammer(kernel), api.lookup(), events, Tunnels.MANAGER, Tunnels.NODE, Set::of, clock);

    @AfterEach
    void close() {
        events.close();
        api.close();
    }

    private void orphaned(int first, int count) {
        IntStream.range(first, first + count).forEach(i -> {
            Tunnels.put(kernel.node(), i, "t" + i, Tunnels.mark("t" + i).toString());
            api.gone("t" + i);
        });
    }

    private long left() {
        return kernel.node().all().filter(link -> link.tunnel().isPresent()).count();
    }

    @Test
    void counts_tunnels_of_which_nothing_is_known_as_well() {
        // given
        orphaned(10, 3);
        IntStream.range(13, 23).forEach(i -> {
            Tunnels.put(kernel.node(), i, "t" + i, Tunnels.mark("t" + i).toString());
            api.answer("t" + i, 503, "overloaded");
        });

        // when
        orphans.sweep();

        // then
        assertThat(left()).isEqualTo(13);
    }

    @Test
    void begins_for_each_tunnel_when_it_was_found() {
        // given
        orphaned(10, 4);
        orphans.sweep();
        clock.move(Duration.ofMinutes(9));
        orphaned(20, 4);
        orphans.sweep();
        clock.move(Duration.ofMinutes(1));

        // when
        orphans.sweep();

        // then
        assertThat(left()).isGreaterThanOrEqualTo(4);
    }
}
