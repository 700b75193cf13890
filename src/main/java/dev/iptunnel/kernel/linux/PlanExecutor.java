package dev.iptunnel.kernel.linux;

import dev.iptunnel.kernel.KernelErrors;
import dev.iptunnel.kernel.KernelException;
import dev.iptunnel.kernel.OperationListener;
import dev.iptunnel.kernel.read.Inet6Sysctls;
import dev.iptunnel.libc.LibcException;
import dev.iptunnel.libc.TunnelIoctl;
import dev.iptunnel.netlink.Rtnetlink;
import dev.iptunnel.netlink.message.NetlinkException;
import dev.iptunnel.plan.Operation;
import dev.iptunnel.plan.Operation.AddAddress;
import dev.iptunnel.plan.Operation.AddConnectedRoute;
import dev.iptunnel.plan.Operation.AddRoute;
import dev.iptunnel.plan.Operation.ClearInet6Conf;
import dev.iptunnel.plan.Plan;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/** Executes plans in order, and reports each operation to the listener. */
public final class PlanExecutor {
    private final OperationExecutor executor;
    private final OperationListener listener;

    public PlanExecutor(Rtnetlink rtnetlink, TunnelIoctl ioctl, Inet6Sysctls sysctls, OperationListener listener) {
        this.executor = new OperationExecutor(rtnetlink, ioctl, sysctls);
        this.listener = listener;
    }

    /**
     * Stops at the first operation that fails and that others may need.
     *
     * @throws KernelException the first failure, with the others and with what was executed all the same
     */
    public void execute(Plan plan) {
        OptionalInt added = OptionalInt.empty();
        List<KernelException> failures = new ArrayList<>();
        List<Operation> done = new ArrayList<>();
        boolean onlyParts = true;
        for (Operation operation : plan.operations()) {
            try {
                added = reported(operation, added);
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

    /** The operations after one of these do not need it: they are executed even where it fails. */
    private static boolean isIndependent(Operation operation) {
        return operation instanceof AddAddress
                || operation instanceof AddRoute
                || operation instanceof AddConnectedRoute
                || operation instanceof ClearInet6Conf;
    }

    private OptionalInt reported(Operation operation, OptionalInt added) {
        long begin = System.nanoTime();
        try {
            OptionalInt index = executor.execute(operation, added);
            report(operation, OperationListener.SUCCESS, begin);
            return index;
        } catch (KernelException e) {
            report(operation, e.errno().name(), begin);
            throw e;
        } catch (LibcException e) {
            report(operation, e.errno().name(), begin);
            throw KernelErrors.of(operation, e);
        } catch (NetlinkException e) {
            report(operation, e.errno().name(), begin);
            throw KernelErrors.of(operation, e);
        }
    }

    private void report(Operation operation, String errno, long begin) {
        listener.executed(operation, errno, Duration.ofNanos(System.nanoTime() - begin));
    }
}
