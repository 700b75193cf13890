package dev.iptunnel.api.v1alpha1.set;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.kubernetes.api.model.IntOrString;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How a changed template reaches the nodes.
 *
 * @param paused whether no node gets it
 * @param maxUnavailable how many nodes may be without working tunnels because of the roll-out: a number, or a share
 *     such as {@code 10%}
 * @param canaryNodes how many nodes come first, alone; 0: none
 * @param minReadySeconds how long the tunnels of a node must be ready
 * @param progressDeadlineSeconds how long a node may take
 * @param maxFailures more failed nodes than this end the roll-out
 * @param onFailure {@code Pause}, {@code Rollback}, or a text that this version does not know
 * @param require the condition that a working tunnel has: {@code Ready}, {@code Reachable}, or a text that this version does
 *     not know
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record RolloutSpec(
        Boolean paused,
        IntOrString maxUnavailable,
        Integer canaryNodes,
        Integer minReadySeconds,
        Integer progressDeadlineSeconds,
        Integer maxFailures,
        String onFailure,
        String require) {

    private static final String DEFAULT_UNAVAILABLE = "10%";
    private static final int DEFAULT_CANARIES = 1;
    private static final int DEFAULT_MIN_READY_SECONDS = 10;
    private static final int DEFAULT_DEADLINE_SECONDS = 300;

    public RolloutSpec(
            @Nullable Boolean paused,
            @Nullable IntOrString maxUnavailable,
            @Nullable Integer canaryNodes,
            @Nullable Integer minReadySeconds,
            @Nullable Integer progressDeadlineSeconds,
            @Nullable Integer maxFailures,
            @Nullable String onFailure,
            @Nullable String require) {
        this.paused = Objects.requireNonNullElse(paused, false);
        this.maxUnavailable = Objects.requireNonNullElseGet(maxUnavailable, () -> new IntOrString(DEFAULT_UNAVAILABLE));
        this.canaryNodes = Objects.requireNonNullElse(canaryNodes, DEFAULT_CANARIES);
        this.minReadySeconds = Objects.requireNonNullElse(minReadySeconds, DEFAULT_MIN_READY_SECONDS);
        this.progressDeadlineSeconds = Objects.requireNonNullElse(progressDeadlineSeconds, DEFAULT_DEADLINE_SECONDS);
        this.maxFailures = Objects.requireNonNullElse(maxFailures, 0);
        this.onFailure = Objects.requireNonNullElse(onFailure, "Pause");
        this.require = Objects.requireNonNullElse(require, "Ready");
    }
}
