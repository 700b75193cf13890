package dev.iptunnel.agent.orphan;

import dev.iptunnel.agent.cluster.NodeTunnels;
import dev.iptunnel.agent.event.EventRecorder;
import dev.iptunnel.agent.program.TunnelProgrammer;
import dev.iptunnel.kernel.Heartbeat;
import dev.iptunnel.kernel.KernelException;
import dev.iptunnel.observation.ObservedLink;
import dev.iptunnel.tunnel.DeletionPolicy;
import dev.iptunnel.tunnel.Mark;
import java.util.Collection;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Removes tunnels whose objects are known to be gone, or only our marks. When it is a removal's turn, it checks once
 * more that no known object has the tunnel or the name.
 */
final class Removals {
    private static final Logger log = LoggerFactory.getLogger(Removals.class);
    private static final int AT_ONCE = 16;

    private final TunnelProgrammer programmer;
    private final NodeTunnels tunnels;
    private final EventRecorder events;

    Removals(TunnelProgrammer programmer, NodeTunnels tunnels, EventRecorder events) {
        this.programmer = programmer;
        this.tunnels = tunnels;
        this.events = events;
    }

    /**
     * Removes the tunnel or the mark. False if the kernel refused; true also if an object has the tunnel, and nothing
     * is done.
     */
    boolean remove(ObservedLink link, DeletionPolicy policy) {
        Mark mark = markOf(link);
        try {
            if (programmer.remove(link, policy, () -> isOrphan(mark))) {
                events.deleted(mark, link, policy);
                log.atInfo()
                        .addKeyValue("interface", link.name())
                        .addKeyValue("ifindex", link.index())
                        .addKeyValue("tunnel", mark.name())
                        .log(
                                policy == DeletionPolicy.RETAIN
                                        ? "mark removed, the tunnel stays: its IpTunnel is gone"
                                        : "tunnel removed, its IpTunnel is gone");
            }
            return true;
        } catch (KernelException e) {
            log.atWarn().addKeyValue("tunnel", mark.name()).log("not removed yet, will retry: {}", e.detail());
            return false;
        }
    }

    /** Not if there is a successor of the same name: it takes the tunnel over. */
    private boolean isOrphan(Mark mark) {
        return tunnels.byName(mark.name()).isEmpty() && !tunnels.hasUid(mark.uid());
    }

    /** Several at the same time: in the kernel each removal waits for a grace period (RCU), and many can share one. */
    static <T> void sideBySide(Collection<T> all, Consumer<T> what) {
        if (all.isEmpty()) {
            return;
        }
        ExecutorService threads = Executors.newFixedThreadPool(Math.min(AT_ONCE, all.size()));
        try {
            all.forEach(one -> threads.execute(Heartbeat.shared(() -> what.accept(one))));
        } finally {
            Heartbeat.whileWaiting(threads::close);
        }
    }

    static Mark markOf(ObservedLink link) {
        return link.mark().orElseThrow(() -> new IllegalArgumentException(link.name() + " has no mark"));
    }
}
