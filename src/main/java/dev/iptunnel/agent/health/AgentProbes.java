package dev.iptunnel.agent.health;

import dev.iptunnel.agent.cluster.NotYetException;
import dev.iptunnel.agent.cluster.StartRefusedException;
import dev.iptunnel.health.HttpEndpoints;
import dev.iptunnel.health.LogLevel;
import dev.iptunnel.health.StatusPage;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers the kubelet, Prometheus and a person on the node: see {@link HttpEndpoints}. Answers from the beginning, and says
 * what the start waits for.
 */
public final class AgentProbes implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(AgentProbes.class);
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(8);
    private static final Duration REMIND = Duration.ofMinutes(1);

    private final AgentHealth health = new AgentHealth();
    private final StatusPage status = new StatusPage();
    private final HttpEndpoints http;
    private String said = "";
    private long saidAt;

    /** If it cannot listen on the address yet, it retries; the agent works meanwhile. */
    public AgentProbes(InetSocketAddress address, AgentMetrics metrics) {
        status.add("alive", () -> health.sickness().orElse("yes"));
        status.add("ready", () -> health.unreadiness().orElse("yes"));
        http = new HttpEndpoints(
                address, health::sickness, health::unreadiness, metrics::page, status::text, new LogLevel());
    }

    /** What {@code /statusz} says, for others to add to. */
    public StatusPage status() {
        return status;
    }

    public AgentHealth health() {
        return health;
    }

    /** The port; 0 while it cannot listen. */
    public int port() {
        return http.port();
    }

    /** For throwables that nothing else catches. */
    public void uncaught(Thread thread, Throwable cause) {
        health.uncaught(thread, cause);
    }

    /** Reports what the start waits for: on {@code /readyz}, and in the log when it changes and once a minute. */
    public synchronized void waitingFor(String what) {
        health.waitingFor(what);
        long now = System.nanoTime();
        if (!what.equals(said) || now - saidAt > REMIND.toNanos()) {
            said = what;
            saidAt = now;
            log.atWarn().log("waiting: {}", what);
        }
    }

    /**
     * Retries until the attempt succeeds.
     *
     * @param attempt throws {@link NotYetException} if it has to be retried
     */
    public <T> T await(Supplier<T> attempt) {
        for (Duration pause = FIRST_PAUSE; true; pause = longer(pause)) {
            try {
                return attempt.get();
            } catch (NotYetException e) {
                waitingFor(String.valueOf(e.getMessage()));
            }
            try {
                Thread.sleep(pause);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new StartRefusedException("interrupted while waiting: " + said);
            }
        }
    }

    private static Duration longer(Duration pause) {
        Duration twice = pause.multipliedBy(2);
        return twice.compareTo(LONGEST_PAUSE) < 0 ? twice : LONGEST_PAUSE;
    }

    @Override
    public void close() {
        http.close();
    }
}
