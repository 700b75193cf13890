package dev.iptunnel.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import io.fabric8.generator.annotation.Required;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * An address on the tunnel's interface.
 *
 * @param address address and prefix length, such as {@code 192.168.7.1/30}; empty where the object lacks it
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record TunnelAddress(@Required String address) {

    public TunnelAddress(@Nullable String address) {
        this.address = Objects.requireNonNullElse(address, "");
    }
}
