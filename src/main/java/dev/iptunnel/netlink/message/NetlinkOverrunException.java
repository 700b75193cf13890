package dev.iptunnel.netlink.message;

import dev.iptunnel.errno.Errno;

/**
 * The socket's receive buffer overflowed ({@code ENOBUFS}, or NLMSG_OVERRUN): messages are lost, what was read by
 * watching is stale and has to be listed again.
 */
public final class NetlinkOverrunException extends NetlinkException {
    public NetlinkOverrunException(String operation) {
        super(operation, Errno.ENOBUFS);
    }
}
