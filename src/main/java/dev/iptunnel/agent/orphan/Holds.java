package dev.iptunnel.agent.orphan;

import dev.iptunnel.agent.schedule.Clocks;
import dev.iptunnel.observation.ObservedLink;
import dev.iptunnel.tunnel.Mark;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Which tunnels have no object, since when, and which of them are kept for a while. None is let go because others came back. */
final class Holds {
    static final Duration TIME = Duration.ofMinutes(10);

    private final Clocks clocks;
    /** By UID, on the steady clock. */
    private final Map<String, Instant> missingSince = new HashMap<>();
    /** By UID. */
    private final Map<String, Hold> held = new HashMap<>();

    /**
     * One tunnel that is kept.
     *
     * @param name of the object
     * @param until when at the earliest it is removed, for people to read
     */
    private record Hold(String name, Instant until) {}

    Holds(Clocks clocks) {
        this.clocks = clocks;
    }

    synchronized Set<String> uids() {
        return Set.copyOf(held.keySet());
    }

    /**
     * These tunnels have no object now.
     *
     * @param before the {@link #uids} before it was looked for objects: what is held since is no older than that look
     */
    synchronized void missing(List<ObservedLink> links, Set<String> before) {
        Set<String> uids = uids(links);
        missingSince.keySet().retainAll(uids);
        links.forEach(link -> since(Removals.markOf(link)));
        held.keySet().removeIf(uid -> before.contains(uid) && !uids.contains(uid));
    }

    private static Set<String> uids(List<ObservedLink> links) {
        return links.stream().map(link -> Removals.markOf(link).uid()).collect(Collectors.toSet());
    }

    private Instant since(Mark mark) {
        return missingSince.computeIfAbsent(mark.uid(), _ -> clocks.steady().instant());
    }

    /** Holds these, and gives those of them that were not held before. */
    synchronized List<ObservedLink> hold(Collection<ObservedLink> links) {
        return links.stream().filter(this::isNew).toList();
    }

    private boolean isNew(ObservedLink link) {
        Mark mark = Removals.markOf(link);
        Duration left = TIME.minus(Duration.between(since(mark), clocks.steady().instant()));
        Instant until = clocks.wall().instant().plus(left).truncatedTo(ChronoUnit.SECONDS);
        return held.putIfAbsent(mark.uid(), new Hold(mark.name(), until)) == null;
    }

    /** Whether a tunnel without an object is kept now. */
    synchronized boolean keeps(ObservedLink link) {
        Mark mark = Removals.markOf(link);
        return held.containsKey(mark.uid())
                && Duration.between(since(mark), clocks.steady().instant()).compareTo(TIME) < 0;
    }

    /** Until when the tunnel with this mark is kept at least; empty where it is not held. */
    synchronized Optional<Instant> until(Mark mark) {
        return Optional.ofNullable(held.get(mark.uid())).map(Hold::until);
    }

    /** The same of the tunnel of an object of this name. */
    synchronized Optional<Instant> until(String name) {
        return held.values().stream()
                .filter(hold -> hold.name().equals(name))
                .map(Hold::until)
                .findFirst();
    }

    synchronized int count() {
        return held.size();
    }
}
