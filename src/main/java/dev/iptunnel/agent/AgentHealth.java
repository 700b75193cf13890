package dev.iptunnel.agent;

import io.javaoperatorsdk.operator.Operator;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Alive until something ended that only a new process brings back; ready once the first list of IpTunnels was read. An
 * API server that is away makes it neither dead nor unready: the agent goes on with what it knows.
 */
final class AgentHealth {
    private static final Logger log = LoggerFactory.getLogger(AgentHealth.class);

    private volatile boolean stopping;
    private final AtomicBoolean live = new AtomicBoolean(true);
    private volatile Optional<Operator> operator = Optional.empty();

    boolean live() {
        return live.get();
    }

    boolean ready() {
        return live()
                && operator.filter(started -> started.getRuntimeInfo().allEventSourcesAreHealthy())
                        .isPresent();
    }

    void started(Operator started) {
        operator = Optional.of(started);
    }

    /** The agent is being closed: what ends now was asked to. */
    void stopping() {
        stopping = true;
    }

    void informerStopped(Throwable cause) {
        if (stopping) {
            return;
        }
        live.set(false);
        log.atError().setCause(cause).log("the watch of IpTunnels ended for good");
    }

    /** Runs a periodic task: what it throws is logged, and does not end its period. */
    void guard(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException e) {
            log.atError().setCause(e).log("periodic comparison failed");
        }
    }
}
