package dev.iptunnel.kernel;

import dev.iptunnel.errno.Errno;
import dev.iptunnel.libc.LibcException;
import dev.iptunnel.netlink.message.NetlinkException;
import dev.iptunnel.plan.Operation;
import dev.iptunnel.plan.Operation.AddAddress;
import dev.iptunnel.plan.Operation.AddConnectedRoute;
import dev.iptunnel.plan.Operation.AddRoute;
import dev.iptunnel.plan.Operation.AddTunnel;
import dev.iptunnel.plan.Operation.ChangeTunnel;
import dev.iptunnel.plan.Reason;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.TunnelDriver;

/** What the errors of the tunnel drivers and of rtnetlink mean to a user. */
public final class KernelErrors {
    private KernelErrors() {}

    public static KernelException of(Operation operation, LibcException e) {
        return of(operation, e.operation(), e.errno(), e);
    }

    public static KernelException of(Operation operation, NetlinkException e) {
        return of(operation, e.operation(), e.errno(), e);
    }

    /** A read failed. */
    public static KernelException reading(String interfaceName, NetlinkException e) {
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
            return new Meaning(Reason.PERMISSION_DENIED, "the process needs the capability NET_ADMIN");
        }
        return switch (operation) {
            case AddTunnel add -> ofAdd(add.parameters().driver(), errno);
            case ChangeTunnel _ when errno.equals(Errno.EEXIST) -> endpointConflict();
            case AddAddress add -> ofAddress(add, errno);
            case AddRoute add -> ofRoute(add, errno);
            case AddConnectedRoute add
            when errno.equals(Errno.EEXIST) ->
                new Meaning(
                        Reason.ROUTE_CONFLICT,
                        "another program has a route to " + add.route().destination() + " in table "
                                + add.route().table() + ", where that of the tunnel's address (spec.addresses) was;"
                                + " remove that route, or write another address");
            default -> new Meaning(Reason.KERNEL_ERROR, "");
        };
    }

    private static Meaning ofAdd(TunnelDriver driver, Errno errno) {
        if (errno.equals(Errno.ENODEV) || errno.equals(Errno.EOPNOTSUPP)) {
            return new Meaning(
                    Reason.MODULE_MISSING,
                    "the kernel does not have the driver " + driver.kind() + "; load its module (" + module(driver)
                            + ") on the node"
                            + (driver == TunnelDriver.IP6TNL ? ", which a kernel with ipv6.disable=1 refuses" : ""));
        }
        return errno.equals(Errno.EEXIST) ? endpointConflict() : new Meaning(Reason.KERNEL_ERROR, "");
    }

    private static Meaning ofAddress(AddAddress add, Errno errno) {
        if (isIpv6Disabled(errno)) {
            return ipv6Disabled();
        }
        return errno.equals(Errno.EEXIST)
                ? new Meaning(
                        Reason.ADDRESS_CONFLICT,
                        "another program gave the interface "
                                + IpFamily.format(add.address().address())
                                + " with another prefix length or peer; remove that address, or write the same in"
                                + " spec.addresses")
                : new Meaning(Reason.KERNEL_ERROR, "");
    }

    private static Meaning ofRoute(AddRoute add, Errno errno) {
        if (errno.equals(Errno.EEXIST)) {
            return new Meaning(
                    Reason.ROUTE_CONFLICT,
                    "another program has a route to " + add.route().destination() + " in table "
                            + add.route().table() + " with metric "
                            + add.route().kernelMetric()
                            + "; write another metric, or remove that route");
        }
        if (isIpv6Disabled(errno)) {
            return ipv6Disabled();
        }
        boolean unreachable = errno.equals(Errno.ENETUNREACH) || errno.equals(Errno.EHOSTUNREACH);
        return add.route()
                .gateway()
                .filter(_ -> unreachable || errno.equals(Errno.EINVAL))
                .map(gateway -> new Meaning(
                        Reason.GATEWAY_UNREACHABLE,
                        "the gateway " + IpFamily.format(gateway) + " of the route to "
                                + add.route().destination() + " is not on the tunnel; write an address in"
                                + " spec.addresses whose prefix has it, or leave the gateway out"))
                .orElseGet(() -> new Meaning(Reason.KERNEL_ERROR, ""));
    }

    /** On the interface, or in the kernel, which then has no IPv6 addresses and routes at all. */
    private static boolean isIpv6Disabled(Errno errno) {
        return errno.equals(Errno.EACCES) || errno.equals(Errno.EOPNOTSUPP);
    }

    private static Meaning ipv6Disabled() {
        return new Meaning(
                Reason.IPV6_DISABLED,
                "IPv6 is disabled on the interface (net.ipv6.conf.*.disable_ipv6), or in the kernel (ipv6.disable=1)");
    }

    /**
     * The planner looked for the name and the endpoints among the interfaces here, so a tunnel elsewhere has the
     * endpoints.
     */
    private static Meaning endpointConflict() {
        return new Meaning(
                Reason.ENDPOINT_CONFLICT,
                "a tunnel of this driver has the same local, remote and parent, but no interface here does: a tunnel that"
                        + " was moved to another network namespace keeps its endpoints; bring it back, or remove it there");
    }

    private static String module(TunnelDriver driver) {
        return driver == TunnelDriver.IP6TNL ? "ip6_tunnel" : driver.kind();
    }
}
