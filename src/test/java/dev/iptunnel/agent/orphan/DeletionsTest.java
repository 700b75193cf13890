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
import dev.iptunnel.schedule.Clocks;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The deletion of an object was seen on the watch. */
class DeletionsTest {
    private static final String SUCCESSOR = "uid-of-its-successor";

    private final FakeApiServer api = new FakeApiServer();
    private final FakeTunnelKernel kernel = new FakeTunnelKernel(SimulatedNode.withEthernet());
    private final EventRecorder events = api.events();
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
            Clocks.system());
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

    private void marked(int index, String uid, String deletion) {
        Tunnels.put(
                kernel.node(),
                index,
                "t10",
                "iptunnel.dev/v1 manager=cluster uid=" + uid + " deletion=" + deletion + " name=t10");
    }

    private Optional<ObservedLink> link() {
        return kernel.node().named("t10");
    }

    private static IpTunnel successor() {
        IpTunnel successor = Tunnels.ipip("t10");
        successor.getMetadata().setUid(SUCCESSOR);
        return successor;
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "Delete | paused: true | true",
                "Delete | deletionPolicy: Retain | true",
                "Delete | 'paused: true\ndeletionPolicy: Retain' | true",
                "Delete | deletionPolicy: Orphan | true",
                "Delete | ttl: 17 | false",
                "Retain | ttl: 17 | false",
                "Retain | deletionPolicy: Delete | false",
                "Retain | paused: true | true",
            })
    void is_carried_out_as_the_last_spec_asked_whatever_the_mark_says(String mark, String last, boolean stays) {
        // given
        marked(10, "uid-of-t10", mark);
        api.gone("t10");

        // when
        deletions.seen(Tunnels.ipip("t10", last));

        // then
        assertThat(link().isPresent()).isEqualTo(stays);
        assertThat(link().map(ObservedLink::alias).orElse("")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "Delete | ttl: 17 | false",
                "Delete | paused: true | true",
                "Retain | ttl: 17 | true",
            })
    void also_removes_a_predecessors_tunnel_if_both_objects_ask_for_that(String mark, String last, boolean stays) {
        // given
        marked(10, "uid-of-its-predecessor", mark);
        api.gone("t10");

        // when
        deletions.seen(Tunnels.ipip("t10", last));

        // then
        assertThat(link().isPresent()).isEqualTo(stays);
    }

    @Test
    void leaves_a_tunnel_that_a_successor_took_over_while_the_API_server_was_asked() {
        // given
        marked(10, "uid-of-t10", "Delete");
        api.gone("t10", () -> {
            known.put(successor());
            marked(10, SUCCESSOR, "Delete");
        });

        // when
        deletions.seen(Tunnels.ipip("t10"));

        // then
        assertThat(link()).isPresent();
    }

    @Test
    void leaves_a_tunnel_that_a_successor_created_meanwhile_even_if_the_cache_lacks_the_successor() {
        // given
        marked(10, "uid-of-t10", "Delete");
        api.gone("t10", () -> {
            kernel.node().named("t10").ifPresent(kernel.node()::remove);
            marked(11, SUCCESSOR, "Delete");
        });

        // when
        deletions.seen(Tunnels.ipip("t10"));

        // then
        assertThat(link()).map(ObservedLink::index).contains(11);
    }

    @Test
    void removes_no_mark_that_became_another_objects_meanwhile() {
        // given
        marked(10, "uid-of-t10", "Delete");
        String others = Tunnels.mark("t20").toString();
        api.gone("t10", () -> Tunnels.put(kernel.node(), 10, "t10", others));

        // when
        deletions.seen(Tunnels.ipip("t10", "paused: true"));

        // then
        assertThat(link().map(ObservedLink::alias)).contains(others);
    }

    @Test
    void that_is_not_confirmed_is_retried() {
        // given
        marked(10, "uid-of-t10", "Delete");
        api.answer("t10", 503, "overloaded");

        // when
        deletions.seen(Tunnels.ipip("t10"));

        // then
        assertThat(link()).isPresent();
        assertThat(timer.last()).isPresent();
    }
}
