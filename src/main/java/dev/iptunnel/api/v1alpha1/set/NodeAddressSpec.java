package dev.iptunnel.api.v1alpha1.set;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Which address in a Node's status its tunnels use.
 *
 * @param type {@code InternalIP}, {@code ExternalIP}, or a text that this version does not know
 * @param cidrs the address is in one of these networks; empty: in any
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record NodeAddressSpec(String type, List<String> cidrs) {

    public NodeAddressSpec(@Nullable String type, @Nullable List<String> cidrs) {
        this.type = Objects.requireNonNullElse(type, "InternalIP");
        this.cidrs = Lists.withoutNulls(cidrs);
    }
}
