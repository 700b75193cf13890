package dev.iptunnel.kernel.linux;

import dev.iptunnel.errno.Errno;
import dev.iptunnel.kernel.KernelErrors;
import dev.iptunnel.kernel.KernelException;
import dev.iptunnel.kernel.OperationListener;
import dev.iptunnel.kernel.read.Inet6Sysctls;
import dev.iptunnel.kernel.read.ObservedLinks;
import dev.iptunnel.kernel.read.ObservedRoutes;
import dev.iptunnel.kernel.read.TunnelTranslation;
import dev.iptunnel.libc.LibcException;
import dev.iptunnel.libc.TunnelIoctl;
import dev.iptunnel.netlink.Rtnetlink;
import dev.iptunnel.netlink.link.InetConf;
import dev.iptunnel.netlink.link.Link;
import dev.iptunnel.netlink.link.LinkChange;
import dev.iptunnel.netlink.message.NetlinkException;
import dev.iptunnel.netlink.route.DeviceRoute;
import dev.iptunnel.netlink.route.RouteSelector;
import dev.iptunnel.netlink.route.RouteType;
import dev.iptunnel.observation.ConnectedRoute;
import dev.iptunnel.observation.RouteDetails;
import dev.iptunnel.plan.Operation;
import dev.iptunnel.plan.Operation.AddAddress;
import dev.iptunnel.plan.Operation.AddConnectedRoute;
import dev.iptunnel.plan.Operation.AddRoute;
import dev.iptunnel.plan.Operation.AddTunnel;
import dev.iptunnel.plan.Operation.ChangeTunnel;
import dev.iptunnel.plan.Operation.ClearInet6Conf;
import dev.iptunnel.plan.Operation.DeleteAddress;
import dev.iptunnel.plan.Operation.DeleteAlternativeName;
import dev.iptunnel.plan.Operation.DeleteRoute;
import dev.iptunnel.plan.Operation.DeleteTunnel;
import dev.iptunnel.plan.Operation.RenameLink;
import dev.iptunnel.plan.Operation.SetInetConf;
import dev.iptunnel.plan.Operation.SetLink;
import dev.iptunnel.plan.Operation.SetMaster;
import dev.iptunnel.plan.Plan;
import dev.iptunnel.plan.Reason;
import dev.iptunnel.tunnel.InnerAddress;
import dev.iptunnel.tunnel.InnerRoute;
import dev.iptunnel.tunnel.IpPrefix;
import dev.iptunnel.tunnel.TunnelDriver;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.locks.LockSupport;

/**
 * Applies a plan: tunnels are changed and removed by ioctl, all else is by rtnetlink. Tunnels are made by rtnetlink too,
 * since no ioctl makes one that can be told from somebody else's before it is marked.
 */
public final class PlanExecutor {
    private static final int MOST_TRIES = 20;
    private static final Duration PAUSE = Duration.ofMillis(5);
    private static final int DEFAULT_GROUP = 0;

    private final Rtnetlink rtnetlink;
    private final TunnelIoctl ioctl;
    private final Inet6Sysctls sysctls;
    private final OperationListener listener;

    public PlanExecutor(Rtnetlink rtnetlink, TunnelIoctl ioctl, Inet6Sysctls sysctls, OperationListener listener) {
        this.rtnetlink = rtnetlink;
        this.ioctl = ioctl;
        this.sysctls = sysctls;
        this.listener = listener;
    }

    public void execute(Plan plan) {
        OptionalInt added = OptionalInt.empty();
        List<KernelException> failures = new ArrayList<>();
        List<Operation> done = new ArrayList<>();
        boolean onlyParts = true;
        for (Operation operation : plan.operations()) {
            try {
                added = told(operation, added);
                done.add(operation);
            } catch (KernelException e) {
                failures.add(e);
                if (!isIndependent(operation)) {
                    onlyParts = false;
                    break;
                }
            }
        }
        if (!failures.isEmpty()) {
            failures.stream().skip(1).forEach(failures.getFirst()::addSuppressed);
            throw failures.getFirst().of(done, onlyParts);
        }
    }

    /** One address, route or setting that cannot be keeps none of the others away. */
    private static boolean isIndependent(Operation operation) {
        return operation instanceof AddAddress
                || operation instanceof AddRoute
                || operation instanceof AddConnectedRoute
                || operation instanceof ClearInet6Conf;
    }

    private OptionalInt told(Operation operation, OptionalInt added) {
        try {
            OptionalInt index = execute(operation, added);
            listener.executed(operation, OperationListener.SUCCESS);
            return index;
        } catch (KernelException e) {
            listener.executed(operation, e.errno().name());
            throw e;
        } catch (LibcException e) {
            listener.executed(operation, e.errno().name());
            throw KernelErrors.of(operation, e);
        } catch (NetlinkException e) {
            listener.executed(operation, e.errno().name());
            throw KernelErrors.of(operation, e);
        }
    }

    /** @return the ifindex of the interface that the plan added, if it has by now */
    private OptionalInt execute(Operation operation, OptionalInt added) {
        switch (operation) {
            case AddTunnel add -> {
                return OptionalInt.of(add(add));
            }
            case ChangeTunnel change -> change(change);
            case DeleteTunnel delete -> {
                Link link = requireSame(delete, delete.index(), delete.driver());
                if (!link.alias().orElse("").equals(delete.alias())) {
                    throw changedMeanwhile(delete);
                }
                ioctl.delete(delete.name());
            }
            case SetLink set ->
                rtnetlink.setLink(
                        indexOf(set.index(), added),
                        new LinkChange(
                                Optional.empty(),
                                set.alias(),
                                set.mtu(),
                                set.up(),
                                set.endsBirth() ? OptionalInt.of(DEFAULT_GROUP) : OptionalInt.empty()));
            case SetMaster set ->
                rtnetlink.setMaster(indexOf(set.index(), added), set.master().index());
            case RenameLink rename -> rtnetlink.setLink(rename.index(), LinkChange.rename(rename.newName()));
            case DeleteAlternativeName delete ->
                rtnetlink.deleteAlternativeName(delete.index(), delete.alternativeName());
            case SetInetConf set -> rtnetlink.setInetConf(indexOf(set.index(), added), inetConf(set), set.value());
            case ClearInet6Conf clear -> sysctls.clear(clear, indexOf(clear.index(), added), rtnetlink);
            case AddAddress add -> addAddress(add.address(), indexOf(add.index(), added));
            case DeleteAddress delete ->
                rtnetlink.deleteAddress(
                        delete.index(),
                        delete.address().address(),
                        delete.address().peer(),
                        delete.address().prefix().length());
            case AddRoute add -> addRoute(deviceRoute(add.route(), indexOf(add.index(), added)));
            case AddConnectedRoute add -> rtnetlink.addRoute(connectedRoute(add));
            case DeleteRoute delete -> rtnetlink.deleteRoute(deviceRoute(delete));
        }
        return added;
    }

    /** With net.ipv6.conf.*.keep_addr_on_down the kernel still has those that go when an interface goes down. */
    private void addAddress(InnerAddress address, int ifindex) {
        try {
            rtnetlink.addAddress(
                    ifindex,
                    address.address(),
                    address.peer(),
                    address.prefix().length(),
                    OptionalInt.of(ObservedRoutes.PROTOCOL));
        } catch (NetlinkException e) {
            if (!e.errno().equals(Errno.EEXIST) || !isThere(address, ifindex)) {
                throw e;
            }
        }
    }

    private boolean isThere(InnerAddress address, int ifindex) {
        return rtnetlink.addresses(ifindex).stream()
                .anyMatch(known -> known.address().equals(address.address())
                        && known.prefixLength() == address.prefix().length()
                        && known.peer().equals(address.peer())
                        && known.protocol().equals(OptionalInt.of(ObservedRoutes.PROTOCOL)));
    }

    /** The kernel takes an IPv6 address with a peer, and makes the route to the peer a moment later. */
    private void addRoute(DeviceRoute route) {
        for (int tries = 1; ; tries++) {
            try {
                rtnetlink.addRoute(route);
                return;
            } catch (NetlinkException e) {
                if (tries == MOST_TRIES || !e.errno().equals(Errno.EHOSTUNREACH) || !isByPeer(route)) {
                    throw e;
                }
                LockSupport.parkNanos(PAUSE.toNanos());
            }
        }
    }

    private boolean isByPeer(DeviceRoute route) {
        return route.gateway().isPresent()
                && rtnetlink.addresses(route.oif()).stream()
                        .anyMatch(address -> address.peer().equals(route.gateway()));
    }

    private static InetConf inetConf(SetInetConf set) {
        return switch (set.setting()) {
            case RP_FILTER -> InetConf.RP_FILTER;
            case PROMOTE_SECONDARIES -> InetConf.PROMOTE_SECONDARIES;
        };
    }

    private static DeviceRoute connectedRoute(AddConnectedRoute add) {
        ConnectedRoute route = add.route();
        return new DeviceRoute(
                route.destination().address(),
                route.destination().length(),
                add.index(),
                Optional.empty(),
                (int) route.table(),
                (int) route.metric(),
                ObservedRoutes.KERNEL_PROTOCOL,
                switch (route.kind()) {
                    case LOCAL -> RouteType.LOCAL;
                    case BROADCAST -> RouteType.BROADCAST;
                    case UNICAST, OTHER -> RouteType.UNICAST;
                },
                route.preferredSource(),
                RouteSelector.ALL);
    }

    /** One of several next hops, or with a next hop object, goes as a whole. */
    private static DeviceRoute deviceRoute(DeleteRoute delete) {
        InnerRoute route = delete.route();
        RouteDetails details = delete.details();
        return new DeviceRoute(
                route.destination().address(),
                route.destination().length(),
                details.single() ? delete.index() : 0,
                details.single() ? route.gateway() : Optional.empty(),
                (int) route.table(),
                (int) route.metric(),
                ObservedRoutes.PROTOCOL,
                RouteType.UNICAST,
                Optional.empty(),
                new RouteSelector(
                        details.from().map(IpPrefix::address),
                        details.from().map(IpPrefix::length).orElse(0),
                        details.tos()));
    }

    private static DeviceRoute deviceRoute(InnerRoute route, int ifindex) {
        return new DeviceRoute(
                route.destination().address(),
                route.destination().length(),
                ifindex,
                route.gateway(),
                (int) route.table(),
                (int) route.metric(),
                ObservedRoutes.PROTOCOL);
    }

    private int add(AddTunnel add) {
        if (rtnetlink.link(add.name()).isPresent()) {
            throw changedMeanwhile(add);
        }
        TunnelDriver driver = add.parameters().driver();
        rtnetlink.addTunnelLink(
                add.name(), add.birthGroup(), driver.kind(), TunnelTranslation.attributes(add.parameters()));
        // The answer has no ifindex. An interface of this name that is not what was just asked for is another's.
        Link link = rtnetlink.link(add.name()).orElseThrow(() -> changedMeanwhile(add));
        boolean asAsked = link.alias().isEmpty()
                && link.group() == add.birthGroup()
                && ObservedLinks.of(link)
                        .tunnel()
                        .filter(add.parameters()::equals)
                        .isPresent();
        if (!asAsked) {
            throw changedMeanwhile(add);
        }
        return link.index();
    }

    private void change(ChangeTunnel change) {
        TunnelDriver driver = change.parameters().driver();
        Link before = requireSame(change, change.index(), driver);
        ioctl.change(change.name(), TunnelTranslation.attributes(change.parameters()));
        // SIOCCHGTUNNEL of sit leaves an fwmark.
        if (driver == TunnelDriver.SIT
                && before.tunnel().filter(tunnel -> tunnel.fwmark() != 0).isPresent()) {
            rtnetlink.changeTunnelLink(
                    change.index(), driver.kind(), TunnelTranslation.attributes(change.parameters()));
        }
    }

    /** The ioctls go by name; a name may have changed hands since the plan was made. */
    private Link requireSame(Operation operation, int index, TunnelDriver driver) {
        return rtnetlink
                .link(operation.name())
                .filter(link -> link.index() == index
                        && link.kind().filter(driver.kind()::equals).isPresent())
                .orElseThrow(() -> changedMeanwhile(operation));
    }

    private static int indexOf(OptionalInt planned, OptionalInt added) {
        return planned.orElseGet(added::orElseThrow);
    }

    private static KernelException changedMeanwhile(Operation operation) {
        return new KernelException(
                Reason.KERNEL_ERROR,
                operation.toString(),
                operation.name(),
                Errno.EBUSY,
                "the interface changed while this was planned; it is looked at again",
                new IllegalStateException("observed interface changed"));
    }
}
