package dev.iptunnel.kernel;

import dev.iptunnel.plan.Operation;

/** Told of every operation on the kernel. */
@FunctionalInterface
public interface OperationListener {
    String SUCCESS = "0";

    /** Told of one, with the error's symbol or {@link #SUCCESS}. */
    void executed(Operation operation, String errno);
}
