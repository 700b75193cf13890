package dev.iptunnel.agent.confirm;

import java.util.Locale;

/** Why a change was undone. */
public enum Cause {
    /** The API server did not answer any more. */
    SILENT,
    /** The API server did not answer, and the change was made only in part. */
    PLAN_FAILED,
    /** The agent or the node was stopped before the change was confirmed. */
    RESTART;

    /** As the metric has it. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
