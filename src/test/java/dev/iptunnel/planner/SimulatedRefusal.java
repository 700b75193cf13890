package dev.iptunnel.planner;

import dev.iptunnel.errno.Errno;
import dev.iptunnel.plan.Operation;

/** The kernel refused an operation; the changes before it stay. */
public final class SimulatedRefusal extends RuntimeException {
    private static final long serialVersionUID = 1;
    private final transient Operation operation;
    private final transient Errno errno;

    SimulatedRefusal(Operation operation, Errno errno) {
        super(operation + ": " + errno);
        this.operation = operation;
        this.errno = errno;
    }

    public Operation operation() {
        return operation;
    }

    public Errno errno() {
        return errno;
    }
}
