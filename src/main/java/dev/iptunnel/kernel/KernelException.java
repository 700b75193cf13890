package dev.iptunnel.kernel;

import dev.iptunnel.netlink.Errno;
import dev.iptunnel.tunnel.Reason;

/** The kernel refused an operation, or did not answer; the message says which, on what interface, and its own words. */
public final class KernelException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final Reason reason;
    private final String operation;
    private final String interfaceName;
    private final Errno errno;

    /** @param advice what the user can do, or empty */
    KernelException(
            Reason reason, String operation, String interfaceName, Errno errno, String advice, Throwable cause) {
        super(operation + " " + interfaceName + ": " + errno + (advice.isEmpty() ? "" : "; " + advice), cause);
        this.reason = reason;
        this.operation = operation;
        this.interfaceName = interfaceName;
        this.errno = errno;
    }

    /** What a user can make of it. */
    public Reason reason() {
        return reason;
    }

    /** The ioctl or the rtnetlink message, such as {@code SIOCADDTUNNEL}. */
    public String operation() {
        return operation;
    }

    public String interfaceName() {
        return interfaceName;
    }

    public Errno errno() {
        return errno;
    }
}
