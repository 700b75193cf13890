package dev.iptunnel.set.pass;

import dev.iptunnel.set.change.RemovalGuard;
import dev.iptunnel.set.member.MemberMemory;
import dev.iptunnel.set.rollout.Sighting;
import java.util.Map;

/**
 * What this process saw of a set, by its monotonic clock. A process that starts anew has none of it, and waits again.
 *
 * @param sightings by node
 */
public record PassMemory(MemberMemory members, RemovalGuard.Memory removals, Map<String, Sighting> sightings) {
    public static final PassMemory NONE = new PassMemory(MemberMemory.NONE, RemovalGuard.Memory.NONE, Map.of());

    public PassMemory {
        sightings = Map.copyOf(sightings);
    }
}
