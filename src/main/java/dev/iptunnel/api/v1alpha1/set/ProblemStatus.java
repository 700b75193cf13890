package dev.iptunnel.api.v1alpha1.set;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Required;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One thing that keeps a set from what it asks for.
 *
 * @param node absent if it is not about one
 * @param tunnel the name of the IpTunnel; absent if it is not about one
 * @param reason stable, in CamelCase; empty if missing
 * @param message a sentence that says what to do; empty if missing
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ProblemStatus(
        @Nullable String node, @Nullable String tunnel, @Required String reason, @Required String message) {

    public ProblemStatus(
            @Nullable String node, @Nullable String tunnel, @Nullable String reason, @Nullable String message) {
        this.node = node;
        this.tunnel = tunnel;
        this.reason = Objects.requireNonNullElse(reason, "");
        this.message = Objects.requireNonNullElse(message, "");
    }
}
