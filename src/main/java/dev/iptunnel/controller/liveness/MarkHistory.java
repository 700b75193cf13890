package dev.iptunnel.controller.liveness;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * When each tunnel was marked. An agent that works without a Lease, for example because it may not write it any more,
 * replaces each mark; so a mark is repeated only every five minutes as long as nothing else is heard of the agent.
 */
final class MarkHistory {
    private static final Duration REPEAT = Duration.ofMinutes(5);

    private record Marked(LivenessMark mark, String death, Instant at) {}

    /** By the UID of the tunnel. */
    private final Map<String, Marked> marked = new HashMap<>();

    boolean permits(DueMark due, Instant now) {
        Marked before = marked.get(due.uid());
        return before == null
                || !before.mark().equals(due.mark())
                || !before.death().equals(due.death())
                || !before.at().plus(REPEAT).isAfter(now);
    }

    void remember(DueMark due, Instant now) {
        marked.put(due.uid(), new Marked(due.mark(), due.death(), now));
    }

    /** Forgets all tunnels but these. */
    void retain(Set<String> uids) {
        marked.keySet().retainAll(uids);
    }
}
