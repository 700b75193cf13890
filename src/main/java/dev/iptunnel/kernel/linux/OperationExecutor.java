package dev.iptunnel.kernel.linux;

import dev.iptunnel.errno.Errno;
import dev.iptunnel.kernel.KernelException;
import dev.iptunnel.kernel.read.Inet6Sysctls;
import dev.iptunnel.kernel.read.ObservedLinks;
import dev.iptunnel.kernel.read.ObservedRoutes;
import dev.iptunnel.kernel.read.TunnelTranslation;
import dev.iptunnel.libc.LibcException;
import dev.iptunnel.libc.TunnelIoctl;
import dev.iptunnel.netlink.Rtnetlink;
import dev.iptunnel.netlink.RtnetlinkChanges;
import dev.iptunnel.netlink.link.InetConf;
import dev.iptunnel.netlink.link.Link;
import dev.iptunnel.netlink.link.LinkChange;
import dev.iptunnel.netlink.message.NetlinkException;
import dev.iptunnel.netlink.route.DeviceRoute;
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
import dev.iptunnel.plan.Reason;
import dev.iptunnel.tunnel.InnerAddress;
import dev.iptunnel.tunnel.TunnelDriver;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.locks.LockSupport;

/**
 * Executes single operations. Ioctls change and delete tunnels; rtnetlink does everything else. Rtnetlink adds tunnels,
 * too: an ioctl cannot add one with the group by which an agent knows its own tunnel before it is marked.
 */
final class OperationExecutor {
    private static final int MOST_TRIES = 20;
    private static final Duration PAUSE = Duration.ofMillis(5);
    private static final int DEFAULT_GROUP = 0;

    private final Rtnetlink rtnetlink;
    private final RtnetlinkChanges changes;
    private final TunnelIoctl ioctl;
    private final Inet6Sysctls sysctls;

    OperationExecutor(Rtnetlink rtnetlink, TunnelIoctl ioctl, Inet6Sysctls sysctls) {
        this.rtnetlink = rtnetlink;
        this.changes = rtnetlink.changes();
        this.ioctl = ioctl;
        this.sysctls = sysctls;
    }

    /**
     * Executes one operation.
     *
     * @param added the ifindex of the interface that the plan added, if it has added one already
     * @return the same after the operation
     * @throws LibcException where an ioctl failed
     * @throws NetlinkException where rtnetlink failed
     * @throws KernelException where the interface is not the one that the plan was made for
     */
    OptionalInt execute(Operation operation, OptionalInt added) {
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
                changes.setLink(
                        indexOf(set.index(), added),
                        new LinkChange(
                                Optional.empty(),
                                set.alias(),
                                set.mtu(),
                                set.up(),
                                set.endsBirth() ? OptionalInt.of(DEFAULT_GROUP) : OptionalInt.empty()));
            case SetMaster set ->
                changes.setMaster(indexOf(set.index(), added), set.master().index());
            case RenameLink rename -> changes.setLink(rename.index(), LinkChange.rename(rename.newName()));
            case DeleteAlternativeName delete ->
                changes.deleteAlternativeName(delete.index(), delete.alternativeName());
            case SetInetConf set -> changes.setInetConf(indexOf(set.index(), added), inetConf(set), set.value());
            case ClearInet6Conf clear -> sysctls.clear(clear, indexOf(clear.index(), added), rtnetlink);
            case AddAddress add -> addAddress(add.address(), indexOf(add.index(), added));
            case DeleteAddress delete ->
                changes.deleteAddress(
                        delete.index(),
                        delete.address().address(),
                        delete.address().peer(),
                        delete.address().prefix().length());
            case AddRoute add -> addRoute(DeviceRoutes.of(add.route(), indexOf(add.index(), added)));
            case AddConnectedRoute add -> changes.addRoute(DeviceRoutes.of(add));
            case DeleteRoute delete -> changes.deleteRoute(DeviceRoutes.of(delete));
        }
        return added;
    }

    /**
     * A plan that takes an interface down adds its IPv6 addresses again. With net.ipv6.conf.*.keep_addr_on_down the
     * kernel has kept them.
     */
    private void addAddress(InnerAddress address, int ifindex) {
        try {
            changes.addAddress(
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

    /** The kernel makes the route to the peer of an IPv6 address a moment after it took the address. */
    private void addRoute(DeviceRoute route) {
        for (int tries = 1; ; tries++) {
            try {
                changes.addRoute(route);
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

    private int add(AddTunnel add) {
        TunnelDriver driver = add.parameters().driver();
        try {
            changes.addTunnelLink(
                    add.name(), add.birthGroup(), driver.kind(), TunnelTranslation.attributes(add.parameters()));
        } catch (NetlinkException e) {
            // Either the name exists, or the endpoints.
            if (e.errno().equals(Errno.EEXIST) && rtnetlink.link(add.name()).isPresent()) {
                throw changedMeanwhile(add);
            }
            throw e;
        }
        // The answer has no ifindex, so the interface is read, and another program may have replaced it.
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
            changes.changeTunnelLink(change.index(), driver.kind(), TunnelTranslation.attributes(change.parameters()));
        }
    }

    /** The ioctls go by name, and another interface may have got the name after the plan was made. */
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
                "the interface changed after this was planned; the agent looks at it again",
                new IllegalStateException("observed interface changed"));
    }
}
