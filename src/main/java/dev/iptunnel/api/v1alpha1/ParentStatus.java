package dev.iptunnel.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import org.jspecify.annotations.Nullable;

/** The interface that carries the tunnel's outer packets, as last observed. */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ParentStatus(
        @JsonPropertyDescription("The interface's name.") @Nullable String name,
        @JsonPropertyDescription("The interface's index on its node.") @Nullable Integer ifindex,
        @JsonPropertyDescription("The interface's MTU in bytes.") @Nullable Integer mtu) {}
