package dev.iptunnel.set;

import java.time.Duration;

/**
 * How a changed template reaches the nodes.
 *
 * @param maxUnavailable how many nodes may be without working tunnels because of the roll-out
 * @param canaryNodes how many nodes come first, alone; 0: none
 * @param minReady how long a node's tunnels must be ready before the node counts as available
 * @param deadline how long a node may take
 * @param reachable whether a tunnel works only while its peer answers
 * @param maxFailures more failed nodes than this end the roll-out
 */
public record RolloutPolicy(
        boolean paused,
        MaxUnavailable maxUnavailable,
        int canaryNodes,
        Duration minReady,
        Duration deadline,
        boolean reachable,
        int maxFailures,
        OnFailure onFailure) {

    /** Whether the tunnel works, as this policy means it: nothing is asked of the peer of a tunnel that does not probe. */
    public boolean works(ChildTunnel tunnel) {
        return tunnel.isReady()
                && (!reachable
                        || !tunnel.isProbed()
                        || tunnel.observed().unreachable().isEmpty());
    }

    /** What happens after a failure. */
    public enum OnFailure {
        /** Nothing more is changed. */
        PAUSE,
        /** The nodes get the last good revision. */
        ROLLBACK
    }

    /**
     * A number of nodes, or a share of them.
     *
     * @param number of nodes, or percent
     */
    public record MaxUnavailable(int number, boolean percent) {
        /** At least 1, and a share is rounded up, so that a roll-out over few nodes goes on. */
        public int of(int nodes) {
            return Math.max(1, percent ? Math.ceilDiv(nodes * number, 100) : number);
        }
    }
}
