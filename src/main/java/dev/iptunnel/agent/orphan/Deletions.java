package dev.iptunnel.agent.orphan;

import dev.iptunnel.agent.cluster.ApiLookups;
import dev.iptunnel.agent.cluster.DefinitionLookup.Definition;
import dev.iptunnel.agent.cluster.Identity;
import dev.iptunnel.agent.cluster.NodeTunnels;
import dev.iptunnel.agent.cluster.ObjectLookup.Presence;
import dev.iptunnel.agent.spec.SpecReader;
import dev.iptunnel.api.v1alpha1.IpTunnel;
import dev.iptunnel.kernel.KernelException;
import dev.iptunnel.kernel.TunnelKernel;
import dev.iptunnel.observation.ObservedLink;
import dev.iptunnel.tunnel.DeletionPolicy;
import dev.iptunnel.tunnel.Mark;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Removes the tunnel of an object whose deletion was seen on the watch, as the object's last spec asks. Retries until
 * the API server confirms the deletion or has a successor. The retries are its own, because the SDK may forget a
 * deletion.
 */
final class Deletions {
    private static final Logger log = LoggerFactory.getLogger(Deletions.class);
    private static final Duration FIRST_RETRY = Duration.ofSeconds(1);
    private static final Duration LONGEST_RETRY = Duration.ofSeconds(64);

    private final TunnelKernel kernel;
    private final ApiLookups lookups;
    private final NodeTunnels tunnels;
    private final DepartedTunnels departed;
    private final Removals removals;
    private final Orphans orphans;
    private final Identity identity;
    private final ScheduledExecutorService later;

    /** @param later for retries, which may wait for the API server */
    Deletions(
            TunnelKernel kernel,
            ApiLookups lookups,
            NodeTunnels tunnels,
            DepartedTunnels departed,
            Removals removals,
            Orphans orphans,
            Identity identity,
            ScheduledExecutorService later) {
        this.kernel = kernel;
        this.lookups = lookups;
        this.tunnels = tunnels;
        this.departed = departed;
        this.removals = removals;
        this.orphans = orphans;
        this.identity = identity;
        this.later = later;
    }

    void seen(IpTunnel tunnel) {
        departed.handle(tunnel);
        seen(tunnel, FIRST_RETRY);
    }

    private void seen(IpTunnel tunnel, Duration pause) {
        if (isSettled(tunnel)) {
            return;
        }
        Duration doubled = pause.multipliedBy(2);
        Duration next = doubled.compareTo(LONGEST_RETRY) < 0 ? doubled : LONGEST_RETRY;
        try {
            Future<?> unused = later.schedule(() -> seen(tunnel, next), pause.toMillis(), TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException closed) {
            log.atDebug().log(
                    "the next agent will complete the deletion of {}",
                    tunnel.getMetadata().getName());
        }
    }

    /** Tries it. False if the API server does not confirm that the object is gone, or if the kernel refuses. */
    boolean isSettled(IpTunnel tunnel) {
        String name = tunnel.getMetadata().getName();
        if (tunnels.byName(name).isPresent()) {
            departed.remember(tunnel);
            return true;
        }
        try {
            // Read before the API server is asked, so that no tunnel of a later successor is among them.
            List<ObservedLink> marked = kernel.markedBy(identity.manager(), name);
            return marked.isEmpty() || isSettled(tunnel, marked);
        } catch (KernelException e) {
            log.atWarn().addKeyValue("tunnel", name).log("not removed yet, will retry: {}", e.detail());
            return false;
        }
    }

    private boolean isSettled(IpTunnel tunnel, List<ObservedLink> marked) {
        String name = tunnel.getMetadata().getName();
        Presence presence = lookups.objects().presence(name);
        if (presence instanceof Presence.Present present
                && !identity.isElsewhere(present, tunnel.getMetadata().getUid())) {
            departed.remember(tunnel);
            return true;
        }
        Definition definition = lookups.definitions().read().of(SpecReader.created(tunnel));
        if (definition == Definition.REMOVED) {
            orphans.holdUndefined(marked);
            departed.remember(tunnel);
            return true;
        }
        if (definition == Definition.UNKNOWN || presence instanceof Presence.Unknown) {
            log.atWarn()
                    .addKeyValue("tunnel", name)
                    .log("deletion not confirmed, will retry: {}, CRD {}", presence, definition);
            return false;
        }
        return marked.stream()
                .filter(link -> !isOfPresent(link, presence))
                .map(link -> removals.remove(link, policyOf(link, tunnel)))
                .reduce(true, Boolean::logicalAnd);
    }

    private static boolean isOfPresent(ObservedLink link, Presence presence) {
        return presence instanceof Presence.Present present
                && present.uid().equals(Removals.markOf(link).uid());
    }

    /**
     * The policy for a tunnel of this object, or of a predecessor whose tunnel this object did not take over. The
     * latter is removed only if both objects ask for that.
     */
    private DeletionPolicy policyOf(ObservedLink link, IpTunnel last) {
        Mark mark = Removals.markOf(link);
        DeletionPolicy policy = SpecReader.deletionPolicyOf(last);
        return mark.uid().equals(last.getMetadata().getUid()) || policy == DeletionPolicy.RETAIN
                ? policy
                : departed.policyOf(mark);
    }
}
