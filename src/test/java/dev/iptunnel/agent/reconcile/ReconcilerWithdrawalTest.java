package dev.iptunnel.agent.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.agent.Tunnels;
import dev.iptunnel.api.v1alpha1.IpTunnel;
import dev.iptunnel.api.v1alpha1.IpTunnelStatus;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Routes that go while packets cannot pass, as the reconciler of a new agent finds them. */
class ReconcilerWithdrawalTest {
    private final OfflineReconciler node = new OfflineReconciler();

    @AfterEach
    void close() {
        node.close();
    }

    private static IpTunnel tunnel(String reason, String status) {
        IpTunnel tunnel = Tunnels.ipip(
                "to-berlin",
                """
                addresses: [{address: 192.168.7.1/30}]
                probe: {type: ICMP}
                routes: [{destination: 10.9.0.0/16, metric: 10, withdraw: WhenUnreachable}, {destination: 10.8.0.0/16}]
                """);
        Condition reachable = new ConditionBuilder()
                .withType("Reachable")
                .withStatus(status)
                .withReason(reason)
                .withMessage("what it said then")
                .withLastTransitionTime("2026-01-02T03:04:05Z")
                .withObservedGeneration(tunnel.getMetadata().getGeneration())
                .build();
        tunnel.setStatus(new IpTunnelStatus(null, null, null, null, null, null, null, null, List.of(reachable)));
        return tunnel;
    }

    private String executed() {
        return node.kernel.executed().toString();
    }

    private Condition programmed() {
        return node.statuses.getLast().conditions().getFirst();
    }

    @Test
    void a_route_stays_away_from_a_peer_that_was_silent() {
        node.reconcile(tunnel("NoReply", "False"));

        assertThat(executed()).contains("10.8.0.0/16").doesNotContain("10.9.0.0/16");
        assertThat(programmed().getStatus()).isEqualTo("True");
        assertThat(programmed().getMessage()).contains("withdrawn while packets cannot pass: 10.9.0.0/16 metric 10");
    }

    @Test
    void a_path_mtu_that_is_too_small_takes_no_route_away() {
        node.reconcile(tunnel("PathMtuTooSmall", "False"));

        assertThat(executed()).contains("10.9.0.0/16");
    }

    @Test
    void a_peer_that_answered_or_is_not_known_has_its_route() {
        node.reconcile(tunnel("PeerAnswers", "True"));

        assertThat(executed()).contains("10.9.0.0/16");
        assertThat(programmed().getMessage()).doesNotContain("withdrawn");
    }

    @Test
    void to_take_a_route_away_and_to_add_it_again_are_no_repairs() {
        IpTunnel tunnel = tunnel("PeerAnswers", "True");
        node.reconcile(tunnel);

        node.kernel.node().localPresent(false);
        node.reconcile(tunnel);
        assertThat(node.kernel.executed().getLast().toString())
                .isEqualTo("ip route del 10.9.0.0/16 metric 10 dev to-berlin\n");
        node.kernel.node().localPresent(true);
        node.reconcile(tunnel);

        assertThat(node.kernel.executed().getLast().toString())
                .isEqualTo("ip route add 10.9.0.0/16 metric 10 dev to-berlin\n");
        assertThat(node.repairs()).isZero();
    }

    @Test
    void a_route_that_somebody_else_takes_away_is_repaired() {
        IpTunnel tunnel = tunnel("PeerAnswers", "True");
        node.reconcile(tunnel);

        node.kernel.node().named("to-berlin").ifPresent(node.kernel.node()::remove);
        node.reconcile(tunnel);

        assertThat(node.repairs()).isPositive();
    }
}
