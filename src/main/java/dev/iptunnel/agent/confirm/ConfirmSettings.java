package dev.iptunnel.agent.confirm;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * How changes are confirmed.
 *
 * @param silence how long the API server may be silent after a change before the change is undone; zero: no change is
 *     undone
 * @param folder where the agent keeps files over a restart; empty: nowhere
 */
public record ConfirmSettings(Duration silence, Optional<Path> folder) {
    /** No change is undone. */
    public static final ConfirmSettings OFF = new ConfirmSettings(Duration.ZERO, Optional.empty());

    boolean enabled() {
        return silence.isPositive();
    }
}
