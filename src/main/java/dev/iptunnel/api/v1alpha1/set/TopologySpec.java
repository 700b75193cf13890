package dev.iptunnel.api.v1alpha1.set;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Required;
import io.fabric8.kubernetes.api.model.LabelSelector;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Which nodes of a set have tunnels to which others.
 *
 * @param type {@code PerNode}, {@code Mesh}, {@code HubAndSpoke}, or a text that this version does not know; empty if
 *     missing
 * @param hubSelector which of the set's nodes are hubs; only with {@code HubAndSpoke}, where it is required
 * @param hubMesh whether the hubs have tunnels to one another; only with {@code HubAndSpoke}; absent: they have
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record TopologySpec(@Required String type, @Nullable LabelSelector hubSelector, @Nullable Boolean hubMesh) {

    public TopologySpec(@Nullable String type, @Nullable LabelSelector hubSelector, @Nullable Boolean hubMesh) {
        this.type = Objects.requireNonNullElse(type, "");
        this.hubSelector = hubSelector;
        this.hubMesh = hubMesh;
    }
}
