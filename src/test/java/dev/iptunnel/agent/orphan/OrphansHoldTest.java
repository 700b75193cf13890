package dev.iptunnel.agent.orphan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.agent.RecordingTimer;
import dev.iptunnel.agent.Tunnels;
import dev.iptunnel.agent.cluster.FakeApiServer;
import dev.iptunnel.agent.cluster.Identity;
import dev.iptunnel.agent.cluster.NodeTunnels;
import dev.iptunnel.agent.event.EventRecorder;
import dev.iptunnel.agent.program.TunnelProgrammer;
import dev.iptunnel.agent.reconcile.SeveralTunnels;
import dev.iptunnel.api.v1alpha1.IpTunnel;
import dev.iptunnel.kernel.FakeTunnelKernel;
import dev.iptunnel.planner.SimulatedNode;
import dev.iptunnel.schedule.Clocks;
import dev.iptunnel.schedule.MovableClock;
import java.time.Duration;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The limit on mass removal when tunnels become orphans one after the other. */
class OrphansHoldTest {
    private static final String BEING_REMOVED =
            "{\"kind\":\"PartialObjectMetadata\",\"apiVersion\":\"meta.k8s.io/v1\",\"metadata\":{\"creationTimestamp\":"
                    + "\"2020-01-01T00:00:00Z\",\"deletionTimestamp\":\"2026-01-01T00:00:00Z\"}}";

    private final FakeApiServer api = new FakeApiServer();
    private final FakeTunnelKernel kernel = new FakeTunnelKernel(SimulatedNode.withEthernet());
    private final EventRecorder events = api.events();
    private final MovableClock clock = new MovableClock();
    private final MovableClock wall = new MovableClock();
    private final NodeTunnels tunnels = new NodeTunnels();
    private final SeveralTunnels known = new SeveralTunnels();
    private final RecordingTimer timer = new RecordingTimer();
    private final Departing departing = new Departing(
            kernel,
            new TunnelProgrammer(kernel),
            api.client(),
            tunnels,
            events,
            new Identity(Tunnels.MANAGER, Tunnels.NODE),
            new Clocks(wall, clock));
    private final Orphans orphans = departing.orphans;
    private final Deletions deletions = departing.deletions(timer);

    @BeforeEach
    void list() {
        tunnels.readFrom(known);
    }

    @AfterEach
    void close() {
        timer.shutdownNow();
        events.close();
        api.close();
    }

    private void orphaned(int first, int count) {
        IntStream.range(first, first + count).forEach(i -> {
            Tunnels.put(kernel.node(), i, "t" + i, Tunnels.mark("t" + i).toString());
            api.gone("t" + i);
        });
    }

    /** A tunnel whose object exists. */
    private void wanted(int i) {
        Tunnels.put(kernel.node(), i, "t" + i, Tunnels.mark("t" + i).toString());
        api.present("t" + i, "uid-of-t" + i, Tunnels.NODE);
    }

    private long left() {
        return kernel.node().all().filter(link -> link.tunnel().isPresent()).count();
    }

    @Test
    void counts_tunnels_whose_objects_cannot_be_read_as_well() {
        // given
        orphaned(10, 3);
        wanted(23);
        IntStream.range(13, 23).forEach(i -> {
            Tunnels.put(kernel.node(), i, "t" + i, Tunnels.mark("t" + i).toString());
            api.answer("t" + i, 503, "overloaded");
        });

        // when
        orphans.sweep();

        // then
        assertThat(left()).isEqualTo(14);
    }

    @ParameterizedTest
    @ValueSource(strings = {"-PT1H", "PT1H"})
    void lasts_ten_minutes_even_if_the_wall_clock_is_set(Duration step) {
        // given
        orphaned(10, 4);
        orphans.sweep();
        wall.move(step);
        clock.move(Duration.ofMinutes(9));
        orphans.sweep();
        assertThat(left()).isEqualTo(4);
        clock.move(Duration.ofMinutes(1));

        // when
        orphans.sweep();

        // then
        assertThat(left()).isZero();
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

    @Test
    void keeps_the_tunnel_of_an_object_that_was_removed_with_its_CRD() {
        // given
        orphaned(10, 1);
        api.redefine(404, "");
        api.gone("t10");
        wanted(20);

        // when
        boolean settled = deletions.isSettled(Tunnels.ipip("t10"));

        // then
        assertThat(settled).isTrue();
        assertThat(left()).isEqualTo(2);
    }

    @ParameterizedTest
    @CsvSource({"PT9M59S, 2", "PT10M, 1"})
    void keeps_it_for_ten_minutes_after_the_CRD_was_restored(Duration passed, int left) {
        // given
        orphaned(10, 1);
        wanted(20);
        IpTunnel older = Tunnels.ipip("t10");
        older.getMetadata().setCreationTimestamp("2019-12-31T23:59:59Z");
        deletions.isSettled(older);
        orphans.sweep();
        clock.move(passed);

        // when
        orphans.sweep();

        // then
        assertThat(left()).isEqualTo(left);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"404 |", "403 | {}", "200 | {", "200 | " + BEING_REMOVED})
    void removes_nothing_unless_the_CRD_is_known_to_be_served(int code, @Nullable String body) {
        // given
        orphaned(10, 1);
        api.redefine(code, Objects.requireNonNullElse(body, ""));
        api.gone("t10");
        wanted(20);

        // when
        orphans.sweep();

        // then
        assertThat(left()).isEqualTo(2);
    }
}
