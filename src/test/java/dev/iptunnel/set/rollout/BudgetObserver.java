package dev.iptunnel.set.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.set.rollout.SimulatedFleet.SimulatedNode;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Counts the nodes that are down because of a roll-out. It knows what really works and which node was written, and shares
 * nothing with the code that decides.
 */
final class BudgetObserver {
    private int budget;
    private final Duration minReady;
    /** Nodes that worked when they were written: since when they work again, or -1. */
    private final Map<String, Long> down = new HashMap<>();

    private final Set<String> everDown = new HashSet<>();
    private int mostDown;

    BudgetObserver(int budget, Duration minReady) {
        this.budget = budget;
        this.minReady = minReady;
    }

    /** Is told before a tunnel of the node is written. */
    void touched(SimulatedNode node) {
        if (node.works() || down.containsKey(node.name)) {
            down.put(node.name, -1L);
        }
    }

    /** Looks at all nodes; fails if too many are down. */
    void look(Collection<SimulatedNode> nodes, long now) {
        for (SimulatedNode node : nodes) {
            if (node.dead || node.broken) {
                // It would be down without the roll-out too.
                down.remove(node.name);
            } else if (down.containsKey(node.name)) {
                if (!node.works()) {
                    down.put(node.name, -1L);
                    everDown.add(node.name);
                } else if (down.get(node.name) < 0) {
                    down.put(node.name, now);
                } else if (now - down.get(node.name) >= minReady.toNanos()) {
                    down.remove(node.name);
                }
            }
        }
        mostDown = Math.max(mostDown, down.size());
        assertThat(down.keySet())
                .as("nodes that are down because of the roll-out")
                .hasSizeLessThanOrEqualTo(budget);
    }

    /** From now on so many nodes may be down. */
    void allow(int nodes) {
        budget = nodes;
    }

    /** The most nodes that were down at once. */
    int mostDown() {
        return mostDown;
    }

    /** All nodes that stopped working after they were written. */
    Set<String> everDown() {
        return everDown;
    }

    void forget() {
        down.clear();
        everDown.clear();
        mostDown = 0;
    }
}
