package dev.iptunnel.controller.health;

import dev.iptunnel.kernel.Heartbeat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The controller is alive until something ended or is stuck that only a new process restores. It is ready when it leads, or
 * another one does.
 */
public final class ControllerHealth {
    private static final Logger log = LoggerFactory.getLogger(ControllerHealth.class);

    private final List<Supplier<Optional<String>>> troubles = new CopyOnWriteArrayList<>();
    private volatile Supplier<Optional<String>> waiting = () -> Optional.of("the start");

    /** Watches this thread from now on. */
    public void watch(Heartbeat thread) {
        troubles.add(thread::trouble);
    }

    /** Asks this from now on why the controller has to be restarted. */
    public void watch(Supplier<Optional<String>> trouble) {
        troubles.add(trouble);
    }

    /** What the controller waits for. */
    public void waitingFor(Supplier<Optional<String>> what) {
        waiting = what;
    }

    /** Why the controller has to be restarted; empty while it works. */
    public Optional<String> sickness() {
        return troubles.stream().flatMap(trouble -> trouble.get().stream()).findFirst();
    }

    /** Why the controller is not ready; empty if it is. */
    public Optional<String> unreadiness() {
        return sickness().or(() -> waiting.get().map(what -> "waiting: " + what));
    }

    /** A thread ended with this. After an error the others may be broken, too. */
    public void uncaught(Thread thread, Throwable cause) {
        log.atError().setCause(cause).log("thread {} ended", thread.getName());
        if (cause instanceof Error) {
            troubles.add(() -> Optional.of("thread " + thread.getName() + " ended: " + cause));
        }
    }
}
