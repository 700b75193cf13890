package dev.iptunnel.agent;

import dev.iptunnel.agent.DefinitionLookup.Definition;
import dev.iptunnel.agent.ObjectLookup.Presence;
import dev.iptunnel.api.v1alpha1.IpTunnel;
import dev.iptunnel.kernel.KernelException;
import dev.iptunnel.kernel.TunnelKernel;
import dev.iptunnel.tunnel.Mark;
import dev.iptunnel.tunnel.ObservedLink;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Removes the tunnels whose IpTunnel is gone. Each removal is confirmed by a direct read. Where many or all seem to be
 * orphans at once (a list that is wrongly empty, an etcd restored from an old snapshot), or the CRD was removed, each is
 * held, and confirmed once more before it goes.
 */
final class Orphans {
    private static final Logger log = LoggerFactory.getLogger(Orphans.class);
    private static final int FEW = 3;
    private static final int ONE_IN = 5;
    private static final int REMOVERS = 16;
    private static final Duration HOLD = Duration.ofMinutes(10);

    private final TunnelKernel kernel;
    private final TunnelProgrammer programmer;
    private final ObjectLookup objects;
    private final DefinitionLookup definitions;
    private final EventRecorder events;
    private final String manager;
    private final String nodeName;
    private final Supplier<Set<String>> knownUids;
    private final Clock clock;
    /** By UID, of the marks without an object. */
    private final Map<String, Instant> missingSince = new HashMap<>();
    /** The UIDs of those that went with many, with all, or with their CRD; none is let go because others came back. */
    private final Set<String> held = new HashSet<>();

    /** @param knownUids the UIDs of this node's IpTunnels, as the informer has them */
    Orphans(
            TunnelKernel kernel,
            TunnelProgrammer programmer,
            ObjectLookup objects,
            DefinitionLookup definitions,
            EventRecorder events,
            String manager,
            String nodeName,
            Supplier<Set<String>> knownUids,
            Clock clock) {
        this.kernel = kernel;
        this.programmer = programmer;
        this.objects = objects;
        this.definitions = definitions;
        this.events = events;
        this.manager = manager;
        this.nodeName = nodeName;
        this.knownUids = knownUids;
        this.clock = clock;
    }

    /**
     * Removes the tunnel of one object whose deletion was seen on the watch.
     *
     * @return false where the API server does not say that the object is gone; ask again later
     */
    boolean deleted(IpTunnel tunnel) {
        String name = tunnel.getMetadata().getName();
        String uid = tunnel.getMetadata().getUid();
        Presence presence = objects.presence(name);
        if (presence instanceof Presence.Present present && !isGone(present, uid)) {
            return true;
        }
        Definition definition = definitions.of(SpecReader.created(tunnel));
        if (definition == Definition.REMOVED) {
            holdUndefined(tunnel);
            return true;
        }
        if (definition == Definition.UNKNOWN || presence instanceof Presence.Unknown) {
            log.atWarn().addKeyValue("tunnel", name).log("deletion not confirmed: {}, CRD {}", presence, definition);
            return false;
        }
        // A predecessor's mark too, where none of its successors was reconciled.
        kernel.markedBy(manager, name).forEach(this::remove);
        return true;
    }

    /** An object that a list lacks. */
    void missed(IpTunnel tunnel) {
        if (definitions.of(SpecReader.created(tunnel)) == Definition.REMOVED) {
            holdUndefined(tunnel);
        }
        sweep();
    }

    private synchronized void holdUndefined(IpTunnel tunnel) {
        held.add(tunnel.getMetadata().getUid());
        log.atError()
                .addKeyValue("tunnel", tunnel.getMetadata().getName())
                .log(
                        "its IpTunnel went with the CRD; the tunnel is kept for {} minutes: install the CRD and re-create"
                                + " the object to keep it",
                        HOLD.toMinutes());
    }

    /** Looks for marks without an object: at the start, and from time to time. */
    synchronized void sweep() {
        List<ObservedLink> ours = kernel.marked().stream()
                .filter(link -> markOf(link).isOf(manager))
                .toList();
        Set<String> known = knownUids.get();
        List<ObservedLink> missing = ours.stream()
                .filter(link -> !known.contains(markOf(link).uid()) && !isPresent(markOf(link)))
                .toList();
        Instant now = clock.instant();
        missing.forEach(link -> missingSince.putIfAbsent(markOf(link).uid(), now));
        List<String> uids = missing.stream().map(link -> markOf(link).uid()).toList();
        missingSince.keySet().retainAll(uids);
        held.retainAll(uids);
        if (isSuspicious(missing.size(), ours.size())) {
            held.addAll(uids);
            warn(missing.size(), ours.size());
        }
        removeOrphans(missing.stream()
                .filter(link -> !held.contains(markOf(link).uid()) || isHeldLongEnough(link, now))
                .filter(link -> isGone(markOf(link)) && definitions.now() == Definition.SERVED)
                .toList());
    }

    /** Many, or, however few they are, all that there are. */
    private static boolean isSuspicious(int missing, int all) {
        return (missing > FEW && missing * ONE_IN > all) || (missing > 0 && missing == all);
    }

    /** Side by side: the kernel has each removal wait for a grace period (RCU), and many can wait for the same one. */
    private void removeOrphans(List<ObservedLink> links) {
        try (ExecutorService removers = Executors.newFixedThreadPool(REMOVERS)) {
            links.forEach(link -> removers.execute(() -> removeOrphan(link)));
        }
    }

    private boolean isHeldLongEnough(ObservedLink link, Instant now) {
        Instant since = missingSince.getOrDefault(markOf(link).uid(), now);
        return Duration.between(since, now).compareTo(HOLD) >= 0;
    }

    private static void warn(int missing, int all) {
        log.atError()
                .addKeyValue("missing", missing)
                .addKeyValue("tunnels", all)
                .log(
                        "{} of {} tunnels seem to have no IpTunnel any more. As these are many, or all, each is kept for"
                                + " {} minutes, in case the API server is wrong (an etcd restored from an older snapshot);"
                                + " re-create the objects to keep them, or remove by hand what must go sooner",
                        missing,
                        all,
                        HOLD.toMinutes());
    }

    private void removeOrphan(ObservedLink link) {
        try {
            remove(link);
        } catch (KernelException e) {
            log.atWarn().addKeyValue("interface", link.name()).log("orphan not removed: {}", e.detail());
        }
    }

    private boolean isPresent(Mark mark) {
        return objects.presence(mark.name()) instanceof Presence.Present present && !isGone(present, mark.uid());
    }

    private boolean isGone(Mark mark) {
        return switch (objects.presence(mark.name())) {
            case Presence.Gone _ -> true;
            case Presence.Present present -> isGone(present, mark.uid());
            case Presence.Unknown(String detail) -> {
                log.atWarn()
                        .addKeyValue("tunnel", mark.name())
                        .log("kept: its IpTunnel was not seen, and that it is gone is not confirmed: {}", detail);
                yield false;
            }
        };
    }

    /** A successor on this node takes the tunnel over; one on another node leaves it without an object. */
    private boolean isGone(Presence.Present present, String uid) {
        return !present.uid().equals(uid) && !present.nodeName().equals(nodeName);
    }

    private void remove(ObservedLink link) {
        Mark mark = markOf(link);
        programmer.remove(link);
        events.deleted(mark, link);
        log.atInfo()
                .addKeyValue("interface", link.name())
                .addKeyValue("ifindex", link.index())
                .addKeyValue("tunnel", mark.name())
                .log("tunnel removed, its IpTunnel is gone");
    }

    private static Mark markOf(ObservedLink link) {
        return link.mark().orElseThrow(() -> new IllegalArgumentException(link.name() + " has no mark"));
    }
}
