package dev.iptunnel.libc;

import dev.iptunnel.errno.Errno;
import java.util.Optional;

/** A system call failed. */
public final class LibcException extends RuntimeException {
    private final String operation;
    private final Errno errno;

    public LibcException(String operation, Errno errno) {
        this(operation, errno, Optional.empty());
    }

    public LibcException(String operation, Errno errno, Optional<String> interfaceName) {
        super(operation + interfaceName.map(name -> " " + name).orElse("") + ": " + errno);
        this.operation = operation;
        this.errno = errno;
    }

    /** The call or the ioctl, {@code SIOCADDTUNNEL}. */
    public String operation() {
        return operation;
    }

    public Errno errno() {
        return errno;
    }
}
