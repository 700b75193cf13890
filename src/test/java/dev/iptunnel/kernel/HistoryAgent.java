package dev.iptunnel.kernel;

import dev.iptunnel.errno.Errno;
import dev.iptunnel.kernel.linux.LinuxTunnelKernel;
import dev.iptunnel.observation.Observation;
import dev.iptunnel.observation.ObservedLink;
import dev.iptunnel.observation.ObservedRoute;
import dev.iptunnel.plan.Decision;
import dev.iptunnel.plan.Operation;
import dev.iptunnel.plan.Plan;
import dev.iptunnel.plan.Reason;
import dev.iptunnel.plan.Refusal;
import dev.iptunnel.planner.Claims;
import dev.iptunnel.planner.ListedClaims;
import dev.iptunnel.planner.Planner;
import dev.iptunnel.tunnel.DesiredTunnel;
import dev.iptunnel.tunnel.Mark;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Reconciles as the agent does, object by object, in an order of chance, until nothing changes any more. */
final class HistoryAgent implements AutoCloseable {
    private static final int MOST_PLANS = 3;
    private static final int MOST_ROUNDS = 12;

    private final Random order;
    private final List<String> log = new ArrayList<>();
    private LinuxTunnelKernel kernel = open();
    private int taken;
    private int left = Integer.MAX_VALUE;
    private boolean dies;

    HistoryAgent(Random order) {
        this.order = order;
    }

    private LinuxTunnelKernel open() {
        LinuxTunnelKernel opened = LinuxTunnelKernel.open(
                List.of(TunnelNode.API_SERVER),
                List.of(),
                LinuxTunnelKernel.SYSCTLS,
                (_, result) -> taken += result.equals(OperationListener.SUCCESS) ? 1 : 0);
        opened.watch(_ -> {});
        return opened;
    }

    /**
     * Fails unless the kernel has told, by now or soon, all that it holds of these; what was done to tunnels that are down is
     * found by a resync.
     */
    void checkTold(Collection<HistoryObject> objects) {
        for (HistoryObject object : objects) {
            DesiredTunnel desired = object.desired();
            if (kernel.observe(desired).named().filter(link -> !link.up()).isPresent()) {
                kernel.resync();
            }
            Instant deadline = Instant.now().plusSeconds(10);
            Optional<Observation> told = told(desired);
            Optional<Observation> held = held(desired);
            while (!told.equals(held)) {
                if (Instant.now().isAfter(deadline)) {
                    throw new AssertionError(object.name() + " as told:\n" + told + "\nand as it is:\n" + held);
                }
                told = told(desired);
                held = held(desired);
            }
        }
    }

    private Optional<Observation> told(DesiredTunnel desired) {
        return kernel.recall(desired).map(HistoryAgent::withoutForeignRoutes);
    }

    private Optional<Observation> held(DesiredTunnel desired) {
        Observation observed = kernel.observe(desired);
        return observed.needsSurroundings(desired) ? Optional.empty() : Optional.of(withoutForeignRoutes(observed));
    }

    /** Those are not listened to. */
    private static Observation withoutForeignRoutes(Observation observed) {
        return observed.toBuilder()
                .named(observed.named().map(link -> link.toBuilder()
                        .routes(link.routes().stream()
                                .filter(ObservedRoute::ours)
                                .toList())
                        .build()))
                .detours(List.of())
                .build();
    }

    /** The next reconciliation has one operation fail, after as many as that. */
    void failAfter(int operations) {
        left = operations;
    }

    /** Reconciles, dies after as many operations, and is started again. */
    void dieAfter(int operations, Collection<HistoryObject> objects) {
        left = operations;
        dies = true;
        try {
            reconcile(objects);
        } catch (Death _) {
            log.add("the agent dies");
        }
        dies = false;
        kernel.close();
        kernel = open();
    }

    private static final class Death extends RuntimeException {
        private static final long serialVersionUID = 1;
    }

    /**
     * Fails unless there is an end: a reconciliation in which the kernel has nothing to do.
     *
     * @return why each object is not programmed, by its number
     */
    Map<Integer, Optional<Reason>> reconcile(Collection<HistoryObject> objects) {
        log.clear();
        Claims claims =
                ListedClaims.of(objects.stream().map(HistoryObject::desired).toList());
        for (int round = 1; round <= MOST_ROUNDS; round++) {
            log.add("round " + round);
            int before = taken;
            boolean interrupted = left != Integer.MAX_VALUE;
            Map<Integer, Optional<Reason>> outcomes = round(objects, claims);
            left = Integer.MAX_VALUE;
            if (taken == before && !interrupted) {
                return outcomes;
            }
        }
        throw new AssertionError("no rest after " + MOST_ROUNDS + " rounds");
    }

    private Map<Integer, Optional<Reason>> round(Collection<HistoryObject> objects, Claims claims) {
        Map<Integer, Optional<Reason>> outcomes = new HashMap<>();
        List<HistoryObject> turns = new ArrayList<>(objects);
        Collections.shuffle(turns, order);
        int sweep = order.nextInt(turns.size() + 1);
        for (HistoryObject object : turns.subList(0, sweep)) {
            outcomes.put(object.number(), program(object, claims));
        }
        removeOrphans(objects);
        for (HistoryObject object : turns.subList(sweep, turns.size())) {
            outcomes.put(object.number(), program(object, claims));
        }
        return outcomes;
    }

    /**
     * Those that were made and not marked, and those whose mark names no object; a successor of the same name takes its
     * tunnel over.
     */
    private void removeOrphans(Collection<HistoryObject> objects) {
        for (ObservedLink link : kernel.halfBorn(TunnelNode.MANAGER)) {
            removeOrphan("half-born " + link.name(), Planner.remove(link));
        }
        for (ObservedLink link : kernel.marked()) {
            Mark mark = link.mark().orElseThrow();
            if (mark.isOf(TunnelNode.MANAGER)
                    && objects.stream().noneMatch(object -> object.name().equals(mark.name()))) {
                removeOrphan("orphan " + mark.name(), Planner.remove(link));
            }
        }
    }

    private void removeOrphan(String what, Plan plan) {
        log.add(what + ":\n" + plan);
        try {
            execute(plan);
        } catch (KernelException e) {
            log.add(e.detail());
        }
    }

    /** As the agent does: by what was told, and where the kernel finds the endpoints taken, by a list of all. */
    private Optional<Reason> program(HistoryObject object, Claims claims) {
        try {
            return program(object, claims, desired -> kernel.reread(desired, OptionalInt.empty()));
        } catch (KernelException e) {
            log.add(e.detail());
            return e.reason() == Reason.ENDPOINT_CONFLICT ? listed(object, claims) : Optional.of(e.reason());
        }
    }

    private Optional<Reason> listed(HistoryObject object, Claims claims) {
        try {
            return program(object, claims, kernel::observe);
        } catch (KernelException e) {
            log.add(e.detail());
            return Optional.of(e.reason());
        }
    }

    private Optional<Reason> program(
            HistoryObject object, Claims claims, Function<DesiredTunnel, Observation> reading) {
        DesiredTunnel desired = object.desired();
        for (int plans = 0; plans <= MOST_PLANS; plans++) {
            Decision decision = Planner.plan(desired, reading.apply(desired), claims);
            log.add(object.name() + ":\n" + decision);
            switch (decision) {
                case Refusal refusal -> {
                    return Optional.of(refusal.reason());
                }
                case Plan plan
                when plan.isEmpty() -> {
                    return plan.refused().stream().map(Refusal::reason).findFirst();
                }
                case Plan plan -> execute(plan);
            }
        }
        throw new AssertionError(object.name() + " is not in sync after " + MOST_PLANS + " plans");
    }

    private void execute(Plan plan) {
        List<Operation> operations = plan.operations();
        if (operations.size() <= left) {
            left -= left == Integer.MAX_VALUE ? 0 : operations.size();
            kernel.execute(plan);
            return;
        }
        Operation halted = operations.get(left);
        kernel.execute(new Plan(operations.subList(0, left)));
        left = Integer.MAX_VALUE;
        if (dies) {
            throw new Death();
        }
        throw new KernelException(
                Reason.KERNEL_ERROR,
                halted.toString(),
                halted.name(),
                Errno.ENOBUFS,
                "made up by the test",
                new IllegalStateException());
    }

    @Override
    public void close() {
        kernel.close();
    }

    /** What was decided in the last reconciliation. */
    @Override
    public String toString() {
        return log.stream().map(String::strip).collect(Collectors.joining("\n"));
    }
}
