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
 * The agent is alive until something ended or is stuck that only a new process restores. It is ready once it has reconciled
 * the first list of IpTunnels. It stays alive and ready without the API server: it continues with what it knows.
 */
public final class AgentHealth {
    private static final Logger log = LoggerFactory.getLogger(AgentHealth.class);

    private final List<Supplier<List<Heartbeat>>> heartbeats = new CopyOnWriteArrayList<>();
    private volatile boolean stopping;
    private volatile String waitingFor = "the start";
    private volatile Optional<String> ended = Optional.empty();
    private volatile Optional<Operator> operator = Optional.empty();
    private volatile Optional<FirstRound> firstRound = Optional.empty();

    /** Why the agent has to be restarted; empty while it works. */
    public Optional<String> sickness() {
        return ended.or(() -> heartbeats.stream()
                .flatMap(source -> source.get().stream())
                .flatMap(heartbeat -> heartbeat.trouble().stream())
                .findFirst());
    }

    /** Why the agent is not ready; empty if it is. */
    public Optional<String> unreadiness() {
        return sickness()
                .or(() -> operator.map(AgentHealth::unreadiness).orElseGet(() -> Optional.of("waiting: " + waitingFor)))
                .or(() -> firstRound.flatMap(FirstRound::remaining));
    }

    private static Optional<String> unreadiness(Operator started) {
        return started.getRuntimeInfo().allEventSourcesAreHealthy()
                ? Optional.empty()
                : Optional.of("waiting: the watch of IpTunnels is being opened");
    }

    /** Watches these threads from now on. The supplier is called each time, because some threads start later. */
    public void watch(Supplier<List<Heartbeat>> threads) {
        heartbeats.add(threads);
    }

    /** Says what the start waits for now. */
    public void waitingFor(String what) {
        waitingFor = what;
    }

    /**
     * The first list was read.
     *
     * @param tunnels how many it has
     * @param pending the names of those that were not reconciled yet and still exist
     */
    public void listed(int tunnels, Supplier<List<String>> pending) {
        firstRound = Optional.of(new FirstRound(tunnels, pending, System::nanoTime));
    }

    public void started(Operator started) {
        operator = Optional.of(started);
    }

    /** The agent is being closed: from now on threads end on purpose. */
    public void stopping() {
        stopping = true;
    }

    public void informerStopped(Throwable cause) {
        if (!stopping) {
            ended("the watch of IpTunnels ended: " + cause, cause);
        }
    }

    /**
     * A thread ended with an uncaught throwable. After an exception other threads may continue; after an error that is
     * unknown.
     */
    public void uncaught(Thread thread, Throwable cause) {
        if (cause instanceof Error && !stopping) {
            ended("thread " + thread.getName() + " ended: " + cause, cause);
        } else {
            log.atError().setCause(cause).log("thread {} ended", thread.getName());
        }
    }

    private void ended(String what, Throwable cause) {
        ended = Optional.of(what);
        log.atError().setCause(cause).log("{}; the agent has to be restarted", what);
    }

    /** Runs a periodic task. An exception is logged and does not end the period. */
    public void guard(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException e) {
            log.atError().setCause(e).log("periodic comparison failed");
        }
    }
}
