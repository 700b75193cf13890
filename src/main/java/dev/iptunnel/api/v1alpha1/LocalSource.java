package dev.iptunnel.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Required;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Where a tunnel's outer source address is taken from.
 *
 * @param type {@code Parent}, {@code Interface}, {@code NodeAddress}, or a text that this version does not know; empty
 *     if missing
 * @param interfaceName the interface that has the address; only with type {@code Interface}
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record LocalSource(@Required String type, @Nullable String interfaceName) {

    public LocalSource(@Nullable String type, @Nullable String interfaceName) {
        this.type = Objects.requireNonNullElse(type, "");
        this.interfaceName = interfaceName;
    }
}
