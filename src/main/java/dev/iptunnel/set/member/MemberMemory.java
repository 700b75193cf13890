package dev.iptunnel.set.member;

import java.util.Map;

/** Since when nodes have been leaving, as this process saw it. */
public record MemberMemory(Map<String, Departure> departures) {
    public static final MemberMemory NONE = new MemberMemory(Map.of());

    public MemberMemory {
        departures = Map.copyOf(departures);
    }

    /**
     * A node that has tunnels of the set and is not selected.
     *
     * @param standing why: another standing starts the time again
     * @param since nanoseconds of a monotonic clock
     */
    public record Departure(Member.Standing standing, long since) {}

    long since(String node, Member.Standing standing, long now) {
        Departure departure = departures.get(node);
        return departure != null && departure.standing() == standing ? departure.since() : now;
    }
}
