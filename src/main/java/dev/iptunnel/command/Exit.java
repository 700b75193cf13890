package dev.iptunnel.command;

import dev.iptunnel.plan.Reason;

/** How a command ended: its exit code. Later ones are worse. */
public enum Exit {
    OK(0),
    /** There is something to do; only {@code plan} says so. */
    CHANGES(2),
    /** Something is refused, for a reason that the status of the object would have. */
    REFUSED(3),
    /** Another process holds the writer's lock. */
    LOCKED(4),
    ERROR(1),
    /** Nobody confirmed the changes in time, so they were undone. */
    NOT_CONFIRMED(6);

    private final int code;

    Exit(int code) {
        this.code = code;
    }

    public int code() {
        return code;
    }

    /** The worse of both. */
    public Exit and(Exit other) {
        return compareTo(other) >= 0 ? this : other;
    }

    /** Of a tunnel that the kernel does not hold for that reason. */
    static Exit of(Reason reason) {
        return switch (reason) {
            case KERNEL_ERROR, PERMISSION_DENIED, MODULE_MISSING -> ERROR;
            default -> REFUSED;
        };
    }
}
