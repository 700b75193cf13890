package dev.iptunnel.agent.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.agent.Tunnels;
import dev.iptunnel.agent.program.Contention;
import dev.iptunnel.api.IpTunnels;
import dev.iptunnel.api.v1alpha1.IpTunnel;
import dev.iptunnel.api.v1alpha1.IpTunnelStatus;
import dev.iptunnel.kernel.FakeTunnelKernel;
import dev.iptunnel.observation.ObservedLink;
import dev.iptunnel.observation.Surroundings.Guard;
import dev.iptunnel.observation.Surroundings.GuardedDestination;
import dev.iptunnel.observation.Surroundings.MatchedRoute;
import dev.iptunnel.plan.Operation.SetLink;
import dev.iptunnel.plan.Plan;
import dev.iptunnel.planner.SimulatedNode;
import dev.iptunnel.tunnel.DeletionPolicy;
import dev.iptunnel.tunnel.InnerRoute;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.Mark;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReconcilerDriftTest {
    private final OfflineReconciler node = new OfflineReconciler();
    private final FakeTunnelKernel kernel = node.kernel;
    private final IpTunnel tunnel = Tunnels.ipip("to-berlin");

    @AfterEach
    void close() {
        node.close();
    }

    private void reconcile() {
        node.reconcile(tunnel);
    }

    private String programmed() {
        return node.registry.entry(tunnel).written().last().conditions().stream()
                .filter(condition -> condition.getType().equals("Programmed"))
                .findFirst()
                .orElseThrow()
                .getReason();
    }

    private IpTunnelStatus status() {
        return node.registry.entry(tunnel).written().last();
    }

    /** Somebody else removes the tunnel. */
    private void undo() {
        kernel.node().named("to-berlin").ifPresent(kernel.node()::remove);
    }

    private Optional<ObservedLink> link() {
        return kernel.node().named("to-berlin");
    }

    @Test
    void what_somebody_else_undoes_is_repaired_and_counted() {
        reconcile();
        undo();

        reconcile();

        assertThat(link()).isPresent();
        assertThat(node.repairs()).isEqualTo(1);
    }

    @Test
    void changes_by_the_object_or_the_parent_are_no_repairs() {
        reconcile();
        tunnel.getMetadata().setGeneration(2L);
        tunnel.setSpec(IpTunnels.with(tunnel.getSpec(), "ttl: 9"));
        reconcile();
        kernel.node().put(SimulatedNode.ethernet(2, "eth0", 1400));

        reconcile();

        assertThat(link().orElseThrow().mtu()).isEqualTo(1380);
        assertThat(node.repairs()).isZero();
    }

    @Test
    void a_contention_is_reported_and_repaired_at_growing_intervals() {
        reconcile();
        fight();

        assertThat(programmed()).isEqualTo("Contended");
        undo();
        int plans = kernel.executed().size();

        int statuses = node.statuses.size();

        reconcile();

        assertThat(kernel.executed()).hasSize(plans);
        assertThat(node.statuses).hasSize(statuses);
        assertThat(node.reminder()).contains(Contention.FIRST_HOLD);
        node.clock.move(Contention.FIRST_HOLD);
        reconcile();
        assertThat(link()).isPresent();
        assertThat(programmed()).isEqualTo("Contended");
    }

    private void fight() {
        for (int i = 0; i < Contention.MANY; i++) {
            undo();
            reconcile();
        }
    }

    /** A route that another tunnel has, and one that would isolate the node. */
    @ParameterizedTest
    @ValueSource(strings = {"10.8.0.0/16", "203.0.113.0/24"})
    void a_contention_is_reported_and_counted_also_if_a_part_is_refused(String refused) {
        node.reconcile(Tunnels.ipip("to-hamburg", "remote: 192.0.2.3\nroutes: [{destination: 10.8.0.0/16}]"));
        kernel.node()
                .guard(new GuardedDestination(
                        Guard.API_SERVER,
                        IpFamily.IPV4.parse("203.0.113.1"),
                        Optional.of(new MatchedRoute(0, InnerRoute.MAIN_TABLE, 0))));
        tunnel.setSpec(IpTunnels.with(
                tunnel.getSpec(), "routes: [{destination: " + refused + "}, {destination: 10.9.0.0/16}]"));
        reconcile();
        String reason = programmed();

        fight();

        assertThat(reason).isIn("RouteConflict", "RouteWouldIsolateNode");
        assertThat(node.repairs()).isEqualTo(Contention.MANY);
        assertThat(programmed()).isEqualTo("Contended");
        assertThat(status().conditions().getFirst().getMessage()).contains(reason);
    }

    @Test
    void a_part_that_was_refused_and_is_possible_now_is_no_repair() {
        IpTunnel hamburg = Tunnels.ipip("to-hamburg", "remote: 192.0.2.3\nroutes: [{destination: 10.8.0.0/16}]");
        node.reconcile(hamburg);
        tunnel.setSpec(IpTunnels.with(tunnel.getSpec(), "routes: [{destination: 10.8.0.0/16}]"));
        reconcile();
        kernel.node().named("to-hamburg").ifPresent(kernel.node()::remove);

        reconcile();

        assertThat(programmed()).isEqualTo("InSync");
        assertThat(node.repairs()).isZero();
    }

    @Test
    void a_contention_writes_one_status_however_long_it_lasts() {
        reconcile();
        fight();
        IpTunnelStatus said = status();

        for (int i = 0; i < 10; i++) {
            undo();
            node.clock.move(node.registry.entry(tunnel).drift().contention().hold());
            reconcile();
        }

        assertThat(status().conditions()).isEqualTo(said.conditions());
    }

    @Test
    void when_the_contention_ends_the_tunnel_is_repaired_without_delay_again() {
        reconcile();
        fight();
        Duration quiet = Contention.FIRST_HOLD.multipliedBy(2);
        node.clock.move(quiet);
        assertThat(node.reminder()).contains(quiet);

        reconcile();

        assertThat(programmed()).isEqualTo("InSync");
        assertThat(node.reminder()).isEmpty();
        undo();
        reconcile();
        assertThat(link()).isPresent();
    }

    @Test
    void a_changed_spec_does_not_wait_for_the_end_of_a_contention() {
        reconcile();
        fight();
        undo();
        tunnel.getMetadata().setGeneration(2L);

        reconcile();

        assertThat(link()).isPresent();
        assertThat(programmed()).isEqualTo("InSync");
    }

    private void setAlias(String alias) {
        kernel.node()
                .apply(new Plan(List.of(new SetLink(
                        OptionalInt.of(link().orElseThrow().index()),
                        "to-berlin",
                        Optional.of(alias),
                        OptionalInt.empty(),
                        Optional.empty()))));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "uplink, ask the network team"})
    void a_mark_that_somebody_removes_or_overwrites_is_restored(String alias) {
        reconcile();
        String mark = link().orElseThrow().alias();
        setAlias(alias);

        reconcile();

        assertThat(link().orElseThrow().alias()).isEqualTo(mark);
        assertThat(programmed()).isEqualTo("InSync");
        assertThat(node.repairs()).isEqualTo(1);
    }

    @Test
    void a_mark_is_restored_before_anything_else_is_repaired() {
        reconcile();
        ObservedLink right = link().orElseThrow();
        setAlias("");
        ObservedLink unmarked = link().orElseThrow();
        kernel.node()
                .put(unmarked.toBuilder().mtu(1300).build().toBuilder()
                        .settings(unmarked.settings())
                        .build());

        reconcile();

        assertThat(link()).contains(right);
    }

    @Test
    void a_mark_of_another_cluster_is_not_overwritten() {
        reconcile();
        String theirs = new Mark("other", "uid", DeletionPolicy.DELETE, "to-berlin").toString();
        setAlias(theirs);

        reconcile();

        assertThat(link().orElseThrow().alias()).isEqualTo(theirs);
        assertThat(programmed()).isEqualTo("InterfaceNameConflict");
    }

    @Test
    void another_device_with_the_same_name_is_not_marked() {
        reconcile();
        ObservedLink ours = link().orElseThrow();
        undo();
        Tunnels.put(kernel.node(), ours.index() + 1, "to-berlin", "");

        reconcile();

        assertThat(link().orElseThrow().alias()).isEmpty();
        assertThat(programmed()).isEqualTo("InterfaceNameConflict");
    }

    @Test
    void a_mark_that_is_lost_while_paused_is_restored_afterwards() {
        reconcile();
        String mark = link().orElseThrow().alias();
        tunnel.getMetadata().setGeneration(2L);
        tunnel.setSpec(IpTunnels.with(tunnel.getSpec(), "paused: true"));
        setAlias("");
        reconcile();
        assertThat(link().orElseThrow().alias()).isEmpty();
        assertThat(programmed()).isEqualTo("Paused");
        tunnel.getMetadata().setGeneration(3L);
        tunnel.setSpec(IpTunnels.with(tunnel.getSpec(), "paused: false"));

        reconcile();

        assertThat(link().orElseThrow().alias()).isEqualTo(mark);
    }
}
