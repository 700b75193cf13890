package dev.iptunnel.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Required;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How it is found out whether the peer answers through the tunnel.
 *
 * @param type {@code None}, {@code ICMP}, or a text that this version does not know; empty if missing
 * @param target the inner address that is asked; absent: derived from the first address
 * @param intervalSeconds between two probes; absent: 10
 * @param timeoutSeconds how long an answer is awaited; absent: 2
 * @param failureThreshold how many probes in a row have to fail; absent: 3
 * @param successThreshold how many probes in a row have to be answered after that; absent: 2
 * @param pathMtu {@code Ignore} or {@code Verify}; absent: {@code Ignore}
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ProbeSpec(
        @Required String type,
        @Nullable String target,
        @Nullable Integer intervalSeconds,
        @Nullable Integer timeoutSeconds,
        @Nullable Integer failureThreshold,
        @Nullable Integer successThreshold,
        @Nullable String pathMtu) {

    public ProbeSpec(
            @Nullable String type,
            @Nullable String target,
            @Nullable Integer intervalSeconds,
            @Nullable Integer timeoutSeconds,
            @Nullable Integer failureThreshold,
            @Nullable Integer successThreshold,
            @Nullable String pathMtu) {
        this.type = Objects.requireNonNullElse(type, "");
        this.target = target;
        this.intervalSeconds = intervalSeconds;
        this.timeoutSeconds = timeoutSeconds;
        this.failureThreshold = failureThreshold;
        this.successThreshold = successThreshold;
        this.pathMtu = pathMtu;
    }
}
