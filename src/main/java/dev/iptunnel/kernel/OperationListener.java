package dev.iptunnel.kernel;

import dev.iptunnel.plan.Operation;
import java.time.Duration;

/** Called for every operation on the kernel. */
@FunctionalInterface
public interface OperationListener {
    String SUCCESS = "0";

    /** One operation was executed, with the symbol of its error or {@link #SUCCESS}. */
    void executed(Operation operation, String errno);

    /** The same, with the time from the request to the kernel's answer. */
    default void executed(Operation operation, String errno, Duration took) {
        executed(operation, errno);
    }
}
