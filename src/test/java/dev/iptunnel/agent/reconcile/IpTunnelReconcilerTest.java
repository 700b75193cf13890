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
        assertThat(node.reconcile(tunnel).isPatchStatus()).isTrue();

        assertThat(node.reconcile(tunnel).isPatchStatus()).isFalse();
    }

    @Test
    void a_status_that_may_not_have_been_written_is_written_again() {
        assertThat(node.reconcile(tunnel).isPatchStatus()).isTrue();

        node.failToWrite(tunnel);

        assertThat(node.reconcile(tunnel).isPatchStatus()).isTrue();
    }

    /** A retry of the SDK's may make it forget a deletion. */
    @Test
    void a_status_that_was_not_written_is_retried_by_a_reminder_and_not_by_the_SDK() {
        node.reconcile(tunnel);

        ErrorStatusUpdateControl<IpTunnel> control = node.failToWrite(tunnel);

        assertThat(control.isNoRetry()).isTrue();
        assertThat(node.reminder()).isPresent();
    }

    @Test
    void an_object_of_another_node_is_left_alone() {
        try (OfflineReconciler elsewhere = new OfflineReconciler("node2")) {
            assertThat(elsewhere.reconcile(tunnel).isNoUpdate()).isTrue();
            assertThat(elsewhere.kernel.executed()).isEmpty();
        }
    }
}
