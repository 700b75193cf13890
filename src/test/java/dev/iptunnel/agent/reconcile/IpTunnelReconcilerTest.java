package dev.iptunnel.agent.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.agent.Tunnels;
import dev.iptunnel.api.v1alpha1.IpTunnel;
import io.javaoperatorsdk.operator.api.reconciler.ErrorStatusUpdateControl;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class IpTunnelReconcilerTest {
    private final OfflineReconciler node = new OfflineReconciler();
    private final IpTunnel tunnel = Tunnels.ipip("to-berlin");

    @AfterEach
    void close() {
        node.close();
    }

    @Test
    void a_status_is_written_once_even_before_its_own_event_arrives() {
        node.reconcile(tunnel);
        assertThat(node.statuses).hasSize(1);

        node.reconcile(tunnel);

        assertThat(node.statuses).hasSize(1);
    }

    /** A retry of the SDK's may make it forget a deletion. */
    @Test
    void what_was_not_reconciled_is_retried_by_a_reminder_and_not_by_the_SDK() {
        node.reconcile(tunnel);

        ErrorStatusUpdateControl<IpTunnel> control = node.fail(tunnel);

        assertThat(control.isNoRetry()).isTrue();
        assertThat(node.reminder()).isPresent();
    }

    @Test
    void an_object_of_another_node_is_left_alone() {
        try (OfflineReconciler elsewhere = new OfflineReconciler("node2")) {
            elsewhere.reconcile(tunnel);
            assertThat(elsewhere.statuses).isEmpty();
            assertThat(elsewhere.kernel.executed()).isEmpty();
        }
    }
}
