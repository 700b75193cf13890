package dev.iptunnel.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Required;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * An address on the tunnel's interface.
 *
 * @param address address and prefix length, such as {@code 192.168.7.1/30}; empty if missing
 * @param peer address of the tunnel's other end, without a prefix length; absent: none
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record TunnelAddress(@Required String address, @Nullable String peer) {

    public TunnelAddress(@Nullable String address, @Nullable String peer) {
        this.address = Objects.requireNonNullElse(address, "");
        this.peer = peer;
    }
}
