package dev.iptunnel.agent.program;

import dev.iptunnel.kernel.TunnelKernel;
import dev.iptunnel.observation.ObservedLink;
import dev.iptunnel.planner.Planner;
import dev.iptunnel.tunnel.DeletionPolicy;
import dev.iptunnel.tunnel.DesiredTunnel;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the kernel hold what an IpTunnel asks for: observe, plan, execute, and observe again. If the cache says that
 * nothing is to be done, that is enough; before a change the kernel itself is read.
 */
public final class TunnelProgrammer {
    private static final Logger log = LoggerFactory.getLogger(TunnelProgrammer.class);

    private final TunnelKernel kernel;
    private final LookListener looks;
    /**
     * A plan may concern several tunnels, so plans are executed one at a time. A removal concerns one, so removals run
     * in parallel.
     */
    private final ReadWriteLock turns = new ReentrantReadWriteLock(true);

    private final LastVrfs lastVrfs = new LastVrfs();

    public TunnelProgrammer(TunnelKernel kernel) {
        this(kernel, (_, _) -> {});
    }

    public TunnelProgrammer(TunnelKernel kernel, LookListener looks) {
        this.kernel = kernel;
        this.looks = looks;
    }

    /**
     * Makes the kernel hold what is desired, except what is refused.
     *
     * @param ifindex the index of the interface that last carried the object's mark
     * @param demands what all objects of the node ask for
     */
    public Outcome program(
            DesiredTunnel desired, OptionalInt ifindex, Demands demands, ProgramListener listener) {
        Optional<Look> recalled = recall(desired, ifindex, demands).filter(Look::isInSync);
        if (recalled.isPresent()) {
            lastVrfs.seen(recalled.get().observed(), desired);
            return recalled.get().outcome(List.of());
        }
        turns.writeLock().lock();
        try {
            return new Convergence(kernel, lastVrfs, looks, desired, ifindex, demands, listener).run();
        } finally {
            turns.writeLock().unlock();
        }
    }

    private Optional<Look> recall(DesiredTunnel desired, OptionalInt ifindex, Demands demands) {
        long begin = System.nanoTime();
        Optional<Look> recalled =
                kernel.recall(desired).map(observed -> Look.at(desired, observed, ifindex, demands.claims()));
        if (recalled.isPresent()) {
            looks.looked(true, Duration.ofNanos(System.nanoTime() - begin));
        }
        return recalled;
    }

    /**
     * Removes the tunnel of an object that is gone, or only our mark if the tunnel is retained.
     *
     * @param isOrphan called when it is this removal's turn: whether no object has the tunnel
     * @return whether it was done; false if an object has the tunnel, or the interface is another one now
     */
    public boolean remove(ObservedLink link, DeletionPolicy policy, BooleanSupplier isOrphan) {
        turns.readLock().lock();
        try {
            if (!isOrphan.getAsBoolean() || (policy == DeletionPolicy.RETAIN && !isStill(link))) {
                return false;
            }
            kernel.execute(Planner.remove(link, policy));
            return true;
        } finally {
            turns.readLock().unlock();
        }
    }

    /**
     * Removes interfaces of an agent of this manager that was killed after it had created them and before it could mark
     * them, and that no object took over because it was deleted, or asks for another interface now.
     */
    public void removeHalfBorn(String manager) {
        turns.writeLock().lock();
        try {
            for (ObservedLink link : kernel.halfBorn(manager)) {
                kernel.execute(Planner.remove(link));
                log.atInfo()
                        .addKeyValue("interface", link.name())
                        .addKeyValue("ifindex", link.index())
                        .log(
                                "half-born tunnel removed: an agent of this cluster created it and was stopped before it marked it");
            }
        } finally {
            turns.writeLock().unlock();
        }
    }

    /** Whether the interface still has the mark. A removal checks that by itself; the removal of a mark does not. */
    private boolean isStill(ObservedLink link) {
        return link.mark()
                .filter(mark -> kernel.markedBy(mark.manager(), mark.name()).stream()
                        .anyMatch(
                                now -> now.index() == link.index() && now.mark().equals(link.mark())))
                .isPresent();
    }
}
