package dev.iptunnel.agent.health;

import dev.iptunnel.kernel.Heartbeat;
import io.javaoperatorsdk.operator.Operator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Alive until something ended, or is stuck, that only a new process brings back; ready once the first list of IpTunnels
 * was read. An API server that is away makes it neither dead nor unready: the agent goes on with what it knows.
 */
public final class AgentHealth {
    private static final Logger log = LoggerFactory.getLogger(AgentHealth.class);

    private final List<Supplier<List<Heartbeat>>> heartbeats = new CopyOnWriteArrayList<>();
    private volatile boolean stopping;
    private volatile String waitingFor = "the start";
    private volatile Optional<String> ended = Optional.empty();
    private volatile Optional<Operator> operator = Optional.empty();

    /** Why the agent has to be started again; empty while it works. */
    public Optional<String> sickness() {
        return ended.or(() -> heartbeats.stream()
                .flatMap(source -> source.get().stream())
                .flatMap(heartbeat -> heartbeat.trouble().stream())
                .findFirst());
    }

    /** What keeps the agent from its work; empty when it does it. */
    public Optional<String> unreadiness() {
        return sickness().or(() -> operator.map(AgentHealth::unreadiness)
                .orElseGet(() -> Optional.of("waiting: " + waitingFor)));
    }

    private static Optional<String> unreadiness(Operator started) {
        return started.getRuntimeInfo().allEventSourcesAreHealthy()
                ? Optional.empty()
                : Optional.of("waiting: the watch of IpTunnels is being opened");
    }

    /** From now on these are looked at; asked each time, as some come later. */
    public void watch(Supplier<List<Heartbeat>> threads) {
        heartbeats.add(threads);
    }

    /** What the start waits for now. */
    public void waitingFor(String what) {
        waitingFor = what;
    }

    public void started(Operator started) {
        operator = Optional.of(started);
    }

    /** The agent is being closed: what ends now was asked to. */
    public void stopping() {
        stopping = true;
    }

    public void informerStopped(Throwable cause) {
        if (!stopping) {
            ended("the watch of IpTunnels ended: " + cause, cause);
        }
    }

    /** A thread ended by what nobody caught. After an exception others may go on, after an error nobody knows. */
    public void uncaught(Thread thread, Throwable cause) {
        if (cause instanceof Error && !stopping) {
            ended("thread " + thread.getName() + " ended: " + cause, cause);
        } else {
            log.atError().setCause(cause).log("thread {} ended", thread.getName());
        }
    }

    private void ended(String what, Throwable cause) {
        ended = Optional.of(what);
        log.atError().setCause(cause).log("{}; the agent has to be started again", what);
    }

    /** Runs a periodic task: an exception is logged, and does not end its period. */
    public void guard(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException e) {
            log.atError().setCause(e).log("periodic comparison failed");
        }
    }
}
