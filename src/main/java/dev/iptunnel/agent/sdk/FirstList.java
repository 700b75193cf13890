package dev.iptunnel.agent.sdk;

import dev.iptunnel.agent.cluster.StartRefusedException;
import io.javaoperatorsdk.operator.health.ControllerHealthInfo;
import io.javaoperatorsdk.operator.health.InformerHealthIndicator;
import io.javaoperatorsdk.operator.health.InformerWrappingEventSourceHealthIndicator;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The first list of the node's IpTunnels. The SDK waits for the list and for the watch, and continues without both after
 * its {@code cacheSyncTimeout}. The agent needs the list and can start without the watch.
 */
public final class FirstList {
    private static final Logger log = LoggerFactory.getLogger(FirstList.class);
    private static final Duration INTERVAL = Duration.ofMillis(20);
    private static final int INTERVALS_BETWEEN_WARNINGS = 250;

    private FirstList() {}

    /**
     * Waits, without a limit, until all informers have their first list.
     *
     * @throws StartRefusedException if the thread is interrupted
     */
    public static void await(ControllerHealthInfo informers) {
        for (int intervals = 1; !isComplete(informers); intervals++) {
            if (intervals % INTERVALS_BETWEEN_WARNINGS == 0) {
                log.atWarn().log("waiting for the API server: it has not listed this node's IpTunnels yet");
            }
            try {
                Thread.sleep(INTERVAL);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new StartRefusedException("interrupted while waiting for the first list of IpTunnels");
            }
        }
    }

    private static boolean isComplete(ControllerHealthInfo informers) {
        return informers.informerEventSourceHealthIndicators().values().stream().allMatch(FirstList::isComplete);
    }

    private static boolean isComplete(InformerWrappingEventSourceHealthIndicator<?> source) {
        return source.informerHealthIndicators().values().stream().allMatch(InformerHealthIndicator::hasSynced);
    }
}
