package dev.iptunnel.agent.orphan;

import dev.iptunnel.agent.cluster.ApiLookups;
import dev.iptunnel.agent.cluster.DefinitionLookup.Definition;
import dev.iptunnel.agent.cluster.DefinitionLookup.Reading;
import dev.iptunnel.agent.cluster.Identity;
import dev.iptunnel.agent.cluster.NodeTunnels;
import dev.iptunnel.agent.cluster.ObjectLookup.Presence;
import dev.iptunnel.agent.event.EventRecorder;
import dev.iptunnel.kernel.TunnelKernel;
import dev.iptunnel.observation.ObservedLink;
import dev.iptunnel.schedule.Clocks;
import dev.iptunnel.tunnel.Mark;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Removes the tunnels whose IpTunnel is gone although its deletion was not seen. A direct read confirms each removal.
 * If many or all tunnels seem to be orphans at once (a list that is wrongly empty, an etcd restored from an old
 * snapshot), or the CRD was removed, each is held, and is confirmed once more before its removal.
 */
final class Orphans {
    private static final Logger log = LoggerFactory.getLogger(Orphans.class);
    private static final int FEW = 3;
    private static final int ONE_IN = 5;
    private static final int MOST_AT_ONCE = 20;
    /** After this many reads without an answer the others are not tried. */
    private static final int MOST_UNANSWERED = 16;

    private static final String WENT_WITH_CRD = "its IpTunnel was removed with the CRD";

    private final TunnelKernel kernel;
    private final ApiLookups lookups;
    private final NodeTunnels tunnels;
    private final DepartedTunnels departed;
    private final Removals removals;
    private final EventRecorder events;
    private final Identity identity;
    private final Clocks clocks;
    private final Consumer<String> heldOf;
    private final Holds holds;
    private final MarksOfOthers others;
    /** The times, on the steady clock, at which tunnels were removed that had not been held. */
    private final Deque<Instant> removed = new ArrayDeque<>();

    /** @param heldOf receives the name of each object whose tunnel is held from now on */
    Orphans(
            TunnelKernel kernel,
            ApiLookups lookups,
            NodeTunnels tunnels,
            DepartedTunnels departed,
            Removals removals,
            EventRecorder events,
            Identity identity,
            Clocks clocks,
            Consumer<String> heldOf) {
        this.kernel = kernel;
        this.lookups = lookups;
        this.tunnels = tunnels;
        this.departed = departed;
        this.removals = removals;
        this.events = events;
        this.identity = identity;
        this.clocks = clocks;
        this.heldOf = heldOf;
        holds = new Holds(clocks);
        others = new MarksOfOthers(identity, events);
    }

    int held() {
        return holds.count();
    }

    int leftAlone() {
        return others.count();
    }

    boolean isHeld(String objectName) {
        return holds.until(objectName).isPresent();
    }

    /** Why the tunnel of an unknown object still exists; empty if the agent will not remove it. */
    Optional<String> whyStillThere(String objectName) {
        if (others.isOfOtherNode(objectName)) {
            return Optional.empty();
        }
        return Optional.of(holds.until(objectName)
                .map(until -> "the tunnel of \"" + objectName + "\" is held until " + until
                        + ", in case its IpTunnel is created again; the agent removes it then; you may remove it by hand"
                        + " before")
                .orElse("the agent removes it as soon as the API server confirms that \"" + objectName + "\" is gone"));
    }

    /** Holds these tunnels, whose object was removed with its CRD. */
    void holdUndefined(List<ObservedLink> marked) {
        hold(marked, WENT_WITH_CRD);
    }

    private void hold(Collection<ObservedLink> links, String why) {
        for (ObservedLink link : holds.hold(links)) {
            Mark mark = Removals.markOf(link);
            String until = holds.until(mark).map(Instant::toString).orElse("");
            log.atError()
                    .addKeyValue("tunnel", mark.name())
                    .addKeyValue("interface", link.name())
                    .log("held until {}: {}", until, why);
            events.held(
                    mark,
                    why + ": interface " + link.name() + " (ifindex " + link.index() + ") is held until " + until
                            + "; re-create the object to keep it, or remove it by hand: ip link del " + link.name());
            heldOf.accept(mark.name());
        }
    }

    /** Looks for marks without an object: at the start, when a list lacks objects, and periodically. */
    synchronized void sweep() {
        Set<String> heldBefore = holds.uids();
        Set<String> departedBefore = new HashSet<>(departed.uids());
        List<ObservedLink> marked = kernel.marked();
        List<ObservedLink> ours = marked.stream()
                .filter(link -> Removals.markOf(link).isOf(identity.manager()))
                .toList();
        Set<String> known = tunnels.uids();
        List<Look> unknown = looks(ours.stream()
                .filter(link -> !known.contains(Removals.markOf(link).uid()))
                .toList());
        reportOthers(marked, unknown);
        List<Look> missing = unknown.stream()
                .filter(look -> !look.isPresent() && !departed.isHandled(look.mark()))
                .toList();
        holds.missing(links(missing), heldBefore);
        if (!missing.isEmpty()) {
            Reading definition = lookups.definitions().read();
            holdUndefined(links(missing), definition);
            holdSuspicious(links(missing), ours.size());
            if (definition.definition() == Definition.SERVED) {
                remove(links(missing.stream()
                        .filter(look -> !holds.keeps(look.link()) && isGone(look))
                        .toList()));
            }
        }
        departedBefore.removeAll(
                ours.stream().map(link -> Removals.markOf(link).uid()).toList());
        departed.forget(departedBefore);
    }

    /** The API server's answer about the object of a mark. */
    private record Look(ObservedLink link, Presence presence) {
        Mark mark() {
            return Removals.markOf(link);
        }

        boolean isPresent() {
            return presence instanceof Presence.Present present && present.uid().equals(mark().uid());
        }
    }

    private static List<ObservedLink> links(List<Look> looks) {
        return looks.stream().map(Look::link).toList();
    }

    /** Reads each object once, several at the same time. */
    private List<Look> looks(List<ObservedLink> links) {
        Queue<Look> looks = new ConcurrentLinkedQueue<>();
        AtomicInteger unanswered = new AtomicInteger();
        Removals.sideBySide(links, link -> {
            Mark mark = Removals.markOf(link);
            Presence presence = unanswered.get() < MOST_UNANSWERED
                    ? lookups.objects().presence(mark.name())
                    : new Presence.Unknown("not read: the API server did not answer for others");
            if (presence instanceof Presence.Unknown(String detail)) {
                unanswered.incrementAndGet();
                log.atWarn()
                        .addKeyValue("tunnel", mark.name())
                        .log(
                                "kept: its IpTunnel is not in the list, and the API server does not confirm that it is gone: {}",
                                detail);
            }
            looks.add(new Look(link, presence));
        });
        return List.copyOf(looks);
    }

    private boolean isGone(Look look) {
        return look.presence() instanceof Presence.Gone
                || (look.presence() instanceof Presence.Present present
                        && identity.isElsewhere(present, look.mark().uid()));
    }

    private void reportOthers(List<ObservedLink> marked, List<Look> unknown) {
        Map<ObservedLink, String> nodes = new HashMap<>();
        for (Look look : unknown) {
            if (look.isPresent()
                    && look.presence() instanceof Presence.Present present
                    && !present.nodeName().equals(identity.nodeName())) {
                nodes.put(look.link(), present.nodeName());
            }
        }
        others.found(marked, nodes);
    }

    private void holdUndefined(List<ObservedLink> missing, Reading definition) {
        hold(
                missing.stream()
                        .filter(link -> departed.createdOf(Removals.markOf(link))
                                .filter(created -> definition.of(created) == Definition.REMOVED)
                                .isPresent())
                        .toList(),
                WENT_WITH_CRD);
    }

    /** Holds them if they are many or all. Tunnels that were removed recently, a few at a time, count as well. */
    private void holdSuspicious(List<ObservedLink> missing, int all) {
        Instant now = clocks.steady().instant();
        removed.removeIf(when -> Duration.between(when, now).compareTo(Holds.TIME) >= 0);
        int count = missing.size() + removed.size();
        boolean many = count > FEW && (count * ONE_IN > all + removed.size() || count > MOST_AT_ONCE);
        if (many || missing.size() == all) {
            hold(
                    missing,
                    count + " of " + (all + removed.size())
                            + " tunnels seem to have no IpTunnel any more, which is many,"
                            + " or all: the API server may be wrong (an etcd restored from an older snapshot)");
        }
        hold(
                missing.stream()
                        .filter(link -> others.wasOfOtherNode(Removals.markOf(link)))
                        .toList(),
                "its IpTunnel, which belonged to another node, seems to be gone");
    }

    private void remove(List<ObservedLink> links) {
        Instant now = clocks.steady().instant();
        links.stream()
                .filter(link -> holds.until(Removals.markOf(link)).isEmpty())
                .forEach(_ -> removed.add(now));
        Removals.sideBySide(links, link -> removals.remove(link, departed.policyOf(Removals.markOf(link))));
    }
}
