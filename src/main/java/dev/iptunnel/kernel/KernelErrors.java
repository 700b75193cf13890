package dev.iptunnel.kernel;

import dev.iptunnel.libc.LibcException;
import dev.iptunnel.netlink.Errno;
import dev.iptunnel.netlink.NetlinkException;
import dev.iptunnel.tunnel.Operation;
import dev.iptunnel.tunnel.Operation.AddAddress;
import dev.iptunnel.tunnel.Operation.AddTunnel;
import dev.iptunnel.tunnel.Operation.ChangeTunnel;
import dev.iptunnel.tunnel.Reason;
import dev.iptunnel.tunnel.TunnelDriver;

/** What the errors of the tunnel drivers and of rtnetlink mean to a user. */
final class KernelErrors {
    private KernelErrors() {}

    static KernelException of(Operation operation, LibcException e) {
        return of(operation, e.operation(), e.errno(), e);
    }

    static KernelException of(Operation operation, NetlinkException e) {
        return of(operation, e.operation(), e.errno(), e);
    }

    /** A read failed. */
    static KernelException reading(String interfaceName, NetlinkException e) {
        return new KernelException(
                e.errno().equals(Errno.EPERM) ? Reason.PERMISSION_DENIED : Reason.KERNEL_ERROR,
                e.operation(),
                interfaceName,
                e.errno(),
                e.explanation().orElse(""),
                e);
    }

    private static KernelException of(Operation operation, String call, Errno errno, Throwable cause) {
        Meaning meaning = meaning(operation, errno);
        return new KernelException(meaning.reason, call, operation.name(), errno, meaning.advice, cause);
    }

    private record Meaning(Reason reason, String advice) {}

    private static Meaning meaning(Operation operation, Errno errno) {
        if (errno.equals(Errno.EPERM)) {
            return new Meaning(Reason.PERMISSION_DENIED, "the agent needs the capability NET_ADMIN");
        }
        return switch (operation) {
            case AddTunnel add
            when errno.equals(Errno.ENODEV) ->
                new Meaning(
                        Reason.MODULE_MISSING,
                        "the kernel has no fallback device of the driver "
                                + add.parameters().driver().kind() + "; load its module (" + module(add)
                                + ") on the node");
            case AddTunnel add when endpointsTaken(add.parameters().driver(), errno) -> endpointConflict();
            case ChangeTunnel _ when errno.equals(Errno.EEXIST) -> endpointConflict();
            case AddAddress _
            when errno.equals(Errno.EACCES) ->
                new Meaning(Reason.IPV6_DISABLED, "IPv6 is disabled on the interface (net.ipv6.conf.*.disable_ipv6)");
            default -> new Meaning(Reason.KERNEL_ERROR, "");
        };
    }

    /** Names were looked up before: what is left of EEXIST, and of sit's ENOBUFS, are the endpoints. */
    private static boolean endpointsTaken(TunnelDriver driver, Errno errno) {
        return errno.equals(Errno.EEXIST) || (driver == TunnelDriver.SIT && errno.equals(Errno.ENOBUFS));
    }

    private static Meaning endpointConflict() {
        return new Meaning(
                Reason.ENDPOINT_CONFLICT,
                "another tunnel of this driver has the same local, remote and parent; change one of them, or remove it");
    }

    private static String module(AddTunnel add) {
        return add.parameters().driver() == TunnelDriver.IP6TNL
                ? "ip6_tunnel"
                : add.parameters().driver().kind();
    }
}
