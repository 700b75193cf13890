package dev.iptunnel.netlink.message;

import dev.iptunnel.errno.Errno;
import java.util.Optional;

/**
 * A netlink operation failed, in the kernel or on the way.
 *
 * <p>On the way, {@code EBADMSG} is an answer that cannot be decoded, {@code ETIMEDOUT} no answer, {@code EINTR} a dump
 * that changes interrupted too often, {@code EBADF} a transport that was closed.
 */
public class NetlinkException extends RuntimeException {
    private final String operation;
    private final Errno errno;
    private final Optional<String> explanation;

    public NetlinkException(String operation, Errno errno) {
        this(operation, errno, Optional.empty(), Optional.empty());
    }

    /** {@code interfaceName} is the interface that the caller named; an operation by index has none. */
    public NetlinkException(
            String operation, Errno errno, Optional<String> explanation, Optional<String> interfaceName) {
        super(operation
                + interfaceName.map(name -> " " + name).orElse("")
                + ": "
                + errno
                + explanation.map(text -> ": " + text).orElse(""));
        this.operation = operation;
        this.errno = errno;
        this.explanation = explanation;
    }

    public static NetlinkException malformed(String what) {
        return new NetlinkException("decode", Errno.EBADMSG, Optional.of(what), Optional.empty());
    }

    /** The message type or system call, {@code RTM_SETLINK}. */
    public String operation() {
        return operation;
    }

    public Errno errno() {
        return errno;
    }

    /** The kernel's own words (NETLINK_EXT_ACK) where it gave any, or what is wrong with an answer. */
    public Optional<String> explanation() {
        return explanation;
    }
}
