package dev.iptunnel.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A thread that reads the kernel's notifications and ends. */
@Tag("kernel")
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class HeartbeatKernelTest {
    @RegisterExtension
    final TunnelNode node = new TunnelNode();

    private Optional<String> trouble() {
        return node.kernel.heartbeats().stream()
                .flatMap(heartbeat -> heartbeat.trouble().stream())
                .findFirst();
    }

    @Test
    void an_error_while_a_notification_is_handled_is_told() throws Exception {
        node.kernel.watch(_ -> {
            throw new StackOverflowError();
        });
        assertThat(trouble()).isEmpty();

        Iproute2.batch("link add noise0 type dummy");

        while (trouble().isEmpty()) {
            Thread.sleep(Duration.ofMillis(20));
        }
        assertThat(trouble()).contains("thread kernel-watch ended: java.lang.StackOverflowError");
    }
}
