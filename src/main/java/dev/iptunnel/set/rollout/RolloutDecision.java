package dev.iptunnel.set.rollout;

import dev.iptunnel.set.Edge;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What a pass over a set does.
 *
 * @param touches the nodes to change now, in this order
 * @param failure the goal's revision failed: it is to be remembered as failed, and nothing is changed in this pass
 * @param done the goal's revision works: it becomes the last good one
 * @param stall why the roll-out does not go on by itself
 */
public record RolloutDecision(
        Goal goal,
        Phase phase,
        List<Touch> touches,
        Optional<Failure> failure,
        boolean done,
        Optional<Stall> stall,
        Counts counts) {

    public RolloutDecision {
        touches = List.copyOf(touches);
    }

    /** Where the roll-out is. */
    public enum Phase {
        /** There is nothing to do. */
        IDLE("Idle"),
        /** The first nodes show whether the template works. */
        CANARY("Canary"),
        ROLLING("Rolling"),
        /** There is something to do, but the set is paused. */
        PAUSED("Paused"),
        /** The template failed, and no node is changed. */
        FAILED("Failed"),
        /** The template failed, and the nodes get the last good one. */
        ROLLING_BACK("RollingBack");

        private final String text;

        Phase(String text) {
            this.text = text;
        }

        @Override
        public String toString() {
            return text;
        }
    }

    /** Why a node is changed. */
    public enum Cause {
        /**
         * Those of its tunnels that do not have the goal yet get its revision, {@code updated-at} and {@code was-available};
         * all of them if the goal is tried again.
         */
        TEMPLATE,
        /** Its tunnels follow changed addresses and routes, at their own revisions, and no revision is blamed for it. */
        MEMBERSHIP
    }

    /**
     * A node to change.
     *
     * @param broken its tunnels that do not work already
     */
    public record Touch(String node, Cause cause, Set<Edge> broken) {
        public Touch {
            broken = Set.copyOf(broken);
        }

        /** The annotation {@code was-available} of a tunnel; true as well for one that is created by this. */
        public boolean wasAvailable(Edge tunnel) {
            return cause == Cause.TEMPLATE && !broken.contains(tunnel);
        }
    }

    /**
     * A revision that failed.
     *
     * @param message what happened on the node
     */
    public record Failure(String revision, String node, String message) {}

    /**
     * What stops a roll-out until somebody does something.
     *
     * @param nodes those that are waited for, sorted
     */
    public record Stall(Reason reason, List<String> nodes) {
        public Stall {
            nodes = List.copyOf(nodes);
        }

        /** The reason of the condition Stalled. */
        public enum Reason {
            /** The template failed, and nothing is changed until there is another one. */
            ROLLOUT_FAILED("RolloutFailed"),
            /** The nodes that are down use up the budget. */
            PROGRESS_DEADLINE_EXCEEDED("ProgressDeadlineExceeded"),
            /** The template failed, and the nodes have or get the last good one. */
            ROLLED_BACK("RolledBack");

            private final String text;

            Reason(String text) {
                this.text = text;
            }

            @Override
            public String toString() {
                return text;
            }
        }
    }

    /**
     * Numbers of nodes.
     *
     * @param members all
     * @param updated those that are as the goal asks
     * @param available those whose tunnels are all ready. It does not depend on how long this process has run.
     * @param updating those that are being changed
     * @param deferred those that were down before the roll-out reached them
     * @param failed those that the goal broke
     */
    public record Counts(int members, int updated, int available, int updating, int deferred, int failed) {}
}
