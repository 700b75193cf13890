package dev.iptunnel.chaos;

import dev.iptunnel.chaos.Look.Place;
import dev.iptunnel.chaos.NodeSnapshot.ShownLink;
import java.time.Duration;
import java.time.Instant;

/**
 * A change of a tunnel that is down, of which the kernel tells nobody: the agent finds it when it next compares everything,
 * which it does each minute.
 *
 * @param object whose tunnel it is
 */
record SilentChange(String node, String interfaceName, String object, Instant patienceUntil) {
    private static final Duration PATIENCE = Duration.ofSeconds(80);

    static SilentChange now(String node, ShownLink link) {
        return new SilentChange(
                node,
                link.name(),
                link.alias().replaceFirst(".* name=", ""),
                Instant.now().plus(PATIENCE));
    }

    boolean isOver() {
        return Instant.now().isAfter(patienceUntil);
    }

    boolean isOf(Place place) {
        return node.equals(place.node()) && interfaceName.equals(place.interfaceName());
    }

    boolean explains(String problem) {
        return problem.startsWith(node + ": " + interfaceName + " ")
                || problem.startsWith("status of " + object + ": ");
    }
}
