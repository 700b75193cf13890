package dev.iptunnel.netlink.message;

import dev.iptunnel.errno.Errno;

/**
 * The socket's receive buffer overflowed ({@code ENOBUFS}, or NLMSG_OVERRUN). Messages were lost, so what is known by
 * notifications is stale and has to be listed again.
 */
public final class NetlinkOverrunException extends NetlinkException {
    public NetlinkOverrunException(String operation) {
        super(operation, Errno.ENOBUFS);
    }
}
