package dev.iptunnel.api.v1alpha1.set;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.crd.generator.annotation.PreserveUnknownFields;
import io.fabric8.generator.annotation.Required;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * From what the IpTunnels of a set are made.
 *
 * @param metadata for each of them
 * @param spec of an IpTunnel, without what the set itself writes. It stays JSON: a field that this version does not know
 *     is passed on.
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record TemplateSpec(@Nullable Metadata metadata, @Required @PreserveUnknownFields ObjectNode spec) {

    public TemplateSpec(@Nullable Metadata metadata, @Nullable ObjectNode spec) {
        this.metadata = metadata;
        this.spec = Objects.requireNonNullElseGet(spec, JsonNodeFactory.instance::objectNode);
    }

    /** Labels and annotations. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    public record Metadata(Map<String, String> labels, Map<String, String> annotations) {

        public Metadata(@Nullable Map<String, String> labels, @Nullable Map<String, String> annotations) {
            this.labels = Objects.requireNonNullElse(labels, Map.of());
            this.annotations = Objects.requireNonNullElse(annotations, Map.of());
        }
    }
}
