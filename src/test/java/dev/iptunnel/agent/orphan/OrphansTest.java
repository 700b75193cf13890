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
import dev.iptunnel.observation.ObservedLink;
import dev.iptunnel.planner.SimulatedNode;
import dev.iptunnel.schedule.MovableClock;
import java.time.Duration;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OrphansTest {
    private final FakeApiServer api = new FakeApiServer();
    private final FakeTunnelKernel kernel = new FakeTunnelKernel(SimulatedNode.withEthernet());
    private final EventRecorder events = api.events();
    private final MovableClock clock = new MovableClock();
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
            clock.clocks());
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

    private void tunnels(int first, int count) {
        IntStream.range(first, first + count)
                .forEach(i -> Tunnels.put(
                        kernel.node(), i, "t" + i, Tunnels.mark("t" + i).toString()));
    }

    private void gone(int first, int count) {
        IntStream.range(first, first + count).mapToObj(i -> "t" + i).forEach(api::gone);
    }

    private void known(int first, int count) {
        IntStream.range(first, first + count).forEach(i -> known.put(Tunnels.ipip("t" + i)));
    }

    private long left() {
        return kernel.node().all().filter(link -> link.tunnel().isPresent()).count();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "404 | 404 page not found",
                "404 |"
                        + " {\"kind\":\"Status\",\"reason\":\"NotFound\",\"details\":{\"name\":\"t10\",\"group\":\"other.dev\",\"kind\":\"iptunnels\"}}",
                "500 | internal error",
                "503 | {\"kind\":\"Status\",\"reason\":\"ServiceUnavailable\",\"code\":503}",
                "403 | {\"kind\":\"Status\",\"reason\":\"Forbidden\",\"code\":403}",
            })
    void are_kept_unless_the_API_server_confirms_that_the_object_is_gone(int code, String body) {
        // given
        tunnels(10, 1);
        api.answer("t10", code, body);

        // when
        orphans.sweep();

        // then
        assertThat(left()).isOne();
    }

    @Test
    void are_not_searched_among_tunnels_whose_object_is_known() {
        // given
        tunnels(10, 1);
        known(10, 1);

        // when
        orphans.sweep();

        // then
        assertThat(left()).isOne();
    }

    /** Deleted, created again, and deleted before the new object was reconciled. */
    @Test
    void with_a_predecessors_mark_are_removed_with_their_object() {
        // given
        tunnels(10, 1);
        gone(10, 1);
        IpTunnel successor = Tunnels.ipip("t10");
        successor.getMetadata().setUid("uid-of-its-successor");

        // when
        boolean confirmed = deletions.isSettled(successor);

        // then
        assertThat(confirmed).isTrue();
        assertThat(left()).isZero();
    }

    @Test
    void of_other_managers_are_ignored() {
        // given
        Tunnels.put(kernel.node(), 10, "t10", "iptunnel.dev/v1 manager=cli uid=uid-of-t10 deletion=Delete name=t10");
        gone(10, 1);

        // when
        orphans.sweep();

        // then
        assertThat(left()).isOne();
    }

    @ParameterizedTest
    @CsvSource({"node1, 2", "node2, 1"})
    void with_a_successor_are_left_to_it_only_on_its_own_node(String successorsNode, int left) {
        // given
        tunnels(10, 1);
        api.present("t10", "uid-of-its-successor", successorsNode);
        tunnels(20, 1);
        known(20, 1);

        // when
        orphans.sweep();

        // then
        assertThat(left()).isEqualTo(left);
    }

    @ParameterizedTest
    @CsvSource({
        "1, 1, 1",
        "3, 1, 1",
        "4, 16, 16",
        "4, 15, 19",
        "4, 0, 4",
        "20, 79, 99",
        "20, 80, 80",
        "20, 200, 200",
        "21, 200, 221"
    })
    void are_held_if_they_are_more_than_three_and_more_than_a_fifth_or_more_than_twenty(
            int gone, int present, int left) {
        // given
        tunnels(10, gone + present);
        gone(10, gone);
        known(10 + gone, present);

        // when
        orphans.sweep();

        // then
        assertThat(left()).isEqualTo(left);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void are_held_if_no_tunnel_has_an_object_any_more(int all) {
        // given
        tunnels(10, all);
        gone(10, all);
        Tunnels.put(kernel.node(), 20, "t20", "iptunnel.dev/v1 manager=cli uid=uid-of-t20 deletion=Delete name=t20");

        // when
        orphans.sweep();

        // then
        assertThat(left()).isEqualTo(all + 1);
    }

    @Test
    void of_objects_that_moved_to_other_nodes_are_held_if_they_are_all() {
        // given
        tunnels(10, 1);
        api.present("t10", "uid-of-its-successor", "node2");

        // when
        orphans.sweep();

        // then
        assertThat(left()).isOne();
    }

    @Test
    void that_are_held_stay_held_when_other_objects_return() {
        // given
        tunnels(10, 4);
        gone(10, 4);
        orphans.sweep();
        known(10, 2);

        // when
        orphans.sweep();

        // then
        assertThat(left()).isEqualTo(4);
    }

    @ParameterizedTest
    @CsvSource({"PT9M59S, 2", "PT10M, 1"})
    void that_were_held_and_whose_objects_did_not_return_are_removed_after_their_time(Duration passed, int left) {
        // given
        tunnels(10, 2);
        gone(10, 2);
        orphans.sweep();
        known(10, 1);
        clock.move(passed);

        // when
        orphans.sweep();

        // then
        assertThat(left()).isEqualTo(left);
    }

    @ParameterizedTest
    @CsvSource({"4, PT9M59S, 4", "4, PT10M, 0", "1, PT9M59S, 1", "1, PT10M, 0"})
    void are_held_for_ten_minutes(int all, Duration passed, int left) {
        // given
        tunnels(10, all);
        gone(10, all);
        orphans.sweep();
        clock.move(passed);

        // when
        orphans.sweep();

        // then
        assertThat(left()).isEqualTo(left);
    }

    @Test
    void are_confirmed_again_after_they_were_held() {
        // given
        tunnels(10, 4);
        gone(10, 4);
        orphans.sweep();
        clock.move(Duration.ofMinutes(11));
        api.forgetAnswers();
        IntStream.range(10, 14).forEach(i -> api.present("t" + i, "uid-of-t" + i, Tunnels.NODE));

        // when
        orphans.sweep();

        // then
        assertThat(left()).isEqualTo(4);
    }

    @Test
    void cost_one_read_each_and_one_of_the_CRD() throws InterruptedException {
        // given
        tunnels(10, 30);
        gone(10, 30);
        api.reads();

        // when
        orphans.sweep();

        // then
        assertThat(api.reads()).isEqualTo(31);
    }

    @Test
    void that_are_removed_a_few_at_a_time_are_held_as_soon_as_they_are_many() {
        // given
        tunnels(10, 10);
        gone(10, 3);
        known(13, 7);
        orphans.sweep();
        assertThat(left()).isEqualTo(7);
        IntStream.range(13, 15).forEach(i -> known.remove("t" + i));
        gone(13, 2);

        // when
        orphans.sweep();

        // then
        assertThat(left()).isEqualTo(7);
        assertThat(departing.held).containsExactlyInAnyOrder("t13", "t14");
        assertThat(orphans.held()).isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"paused: true", "deletionPolicy: Retain", "paused: true\ndeletionPolicy: Retain"})
    void are_handled_as_the_last_spec_asked_even_if_the_mark_differs(String last) {
        // given
        tunnels(10, 1);
        gone(10, 1);
        tunnels(20, 1);
        known(20, 1);
        departing.departed.remember(Tunnels.ipip("t10", last));

        // when
        orphans.sweep();

        // then
        assertThat(kernel.node().named("t10").orElseThrow().alias()).isEmpty();
    }

    @Test
    void whose_object_belongs_to_another_node_are_left_alone_and_held_when_it_is_deleted() {
        // given
        tunnels(10, 1);
        tunnels(20, 5);
        known(20, 5);
        api.present("t10", "uid-of-t10", "node0");
        orphans.sweep();
        assertThat(orphans.leftAlone()).isOne();
        api.forgetAnswers();
        gone(10, 1);

        // when
        orphans.sweep();

        // then
        assertThat(left()).isEqualTo(6);
        assertThat(departing.held).containsExactly("t10");
    }

    @Test
    void are_not_removed_if_an_object_took_them_over_meanwhile() {
        // given
        tunnels(10, 1);
        tunnels(20, 1);
        known(20, 1);
        api.gone("t10", () -> known.put(Tunnels.ipip("t10")));

        // when
        orphans.sweep();

        // then
        assertThat(left()).isEqualTo(2);
    }

    /** An earlier look for orphans found that these are many, or all. */
    @Test
    void are_neither_held_nor_removed_while_a_deletion_on_the_watch_is_handled() {
        // given
        tunnels(10, 1);
        gone(10, 1);
        departing.departed.onResourceDeleted(Tunnels.ipip("t10"));
        orphans.sweep();
        departing.departed.handle(Tunnels.ipip("t10"));
        clock.move(Duration.ofHours(1));

        // when
        orphans.sweep();

        // then
        assertThat(left()).isOne();
        assertThat(departing.held).isEmpty();
    }

    @Test
    void deletion_on_the_watch_is_handled_at_once() {
        // given
        tunnels(10, 2);
        api.gone("t10");

        // when
        boolean confirmed = deletions.isSettled(Tunnels.ipip("t10"));

        // then
        assertThat(confirmed).isTrue();
        assertThat(kernel.node().all().map(ObservedLink::name)).containsExactly("eth0", "t11");
    }

    @Test
    void deletion_that_is_not_confirmed_removes_nothing_and_is_retried() {
        // given
        tunnels(10, 1);
        api.answer("t10", 404, "404 page not found");

        // when
        boolean confirmed = deletions.isSettled(Tunnels.ipip("t10"));

        // then
        assertThat(confirmed).isFalse();
        assertThat(left()).isOne();
    }
}
