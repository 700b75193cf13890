package dev.iptunnel.agent.orphan;

import dev.iptunnel.observation.ObservedLink;
import dev.iptunnel.schedule.Clocks;
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

/**
 * The tunnels without an object, since when, and which are held for a while. A hold does not end because other objects
 * return.
 */
final class Holds {
    static final Duration TIME = Duration.ofMinutes(10);

    private final Clocks clocks;
    /** By UID, on the steady clock. */
    private final Map<String, Instant> missingSince = new HashMap<>();
    /** By UID. */
    private final Map<String, Hold> held = new HashMap<>();

    /**
     * One tunnel that is held.
     *
     * @param name the name of the object
     * @param until the earliest time of its removal, for people
     */
    private record Hold(String name, Instant until) {}

    Holds(Clocks clocks) {
        this.clocks = clocks;
    }

    synchronized Set<String> uids() {
        return Set.copyOf(held.keySet());
    }

    /**
     * Records that these tunnels have no object now, and ends the holds of all others.
     *
     * @param before the {@link #uids} before the objects were read; a hold that is newer than that read stays
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

    /** Holds these tunnels, and returns those that were not held before. */
    synchronized List<ObservedLink> hold(Collection<ObservedLink> links) {
        return links.stream().filter(this::isNew).toList();
    }

    private boolean isNew(ObservedLink link) {
        Mark mark = Removals.markOf(link);
        Duration left = TIME.minus(Duration.between(since(mark), clocks.steady().instant()));
        Instant until = clocks.wall().instant().plus(left).truncatedTo(ChronoUnit.SECONDS);
        return held.putIfAbsent(mark.uid(), new Hold(mark.name(), until)) == null;
    }

    /** Whether this tunnel is held and its time is not over. */
    synchronized boolean keeps(ObservedLink link) {
        Mark mark = Removals.markOf(link);
        return held.containsKey(mark.uid())
                && Duration.between(since(mark), clocks.steady().instant()).compareTo(TIME) < 0;
    }

    /** The earliest time of removal of the tunnel with this mark; empty if it is not held. */
    synchronized Optional<Instant> until(Mark mark) {
        return Optional.ofNullable(held.get(mark.uid())).map(Hold::until);
    }

    /** The earliest time of removal of the tunnel of an object of this name; empty if it is not held. */
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
