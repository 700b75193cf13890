package dev.iptunnel.api.v1alpha1.set;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import org.jspecify.annotations.Nullable;

/**
 * The roll-out of a template.
 *
 * @param phase {@code Idle}, {@code Canary}, {@code Rolling}, {@code Paused}, {@code Failed}, {@code RollingBack}
 * @param startedAt RFC 3339; absent: there is none
 * @param failedNode the first node that failed
 * @param failedMessage why it failed
 * @param retriedRevision the failed revision that was tried again as the annotation {@code iptunnel.dev/retry} asked
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record RolloutStatus(
        @Nullable String phase,
        @Nullable String startedAt,
        @Nullable String failedNode,
        @Nullable String failedMessage,
        @Nullable String retriedRevision) {}
