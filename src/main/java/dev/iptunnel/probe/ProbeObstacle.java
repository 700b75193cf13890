package dev.iptunnel.probe;

/**
 * What was seen of a probe that is not answered.
 *
 * @param text for a person; the same for the same cause
 */
public record ProbeObstacle(Kind kind, String text) {
    /** What it means. */
    public enum Kind {
        /** Somebody says that the target, or the remote, cannot be reached. */
        UNREACHABLE,
        /** The node lacks the interface or its address. */
        NOT_PROGRAMMED,
        /** The node does not let the agent ask as it should: the silence may have another cause. */
        NOT_PERMITTED
    }
}
