package dev.iptunnel.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Required;
import io.fabric8.kubernetes.api.model.IntOrString;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a tunnel should be. Every value that the API server can hold can be read, be it known or not; what a spec lacks
 * has its default here too, so that a manifest read from a file equals the object made from it. A required field that
 * is missing reads as the empty string.
 *
 * @param nodeName the node whose kernel holds the tunnel
 * @param mode {@code ipip}, {@code sit}, {@code ip6ip6}, {@code ipip6}; or, from an object that this version does not know, anything
 * @param interfaceName absent: the object's name
 * @param local outer source address, or {@code any}
 * @param remote outer destination address, or {@code any}
 * @param parent name of the interface that the tunnel is bound to; absent: none
 * @param ttl 1 to 255, or {@code inherit}
 * @param mtu in bytes, for inner packets; absent: derived from the parent's
 * @param adminState {@code Up} or {@code Down}; or, from an object that this version does not know, anything
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record IpTunnelSpec(
        @Required String nodeName,
        @Required String mode,
        @Nullable String interfaceName,
        @Required String local,
        @Required String remote,
        @Nullable String parent,
        IntOrString ttl,
        @Nullable Integer mtu,
        List<TunnelAddress> addresses,
        String adminState) {

    private static final int DEFAULT_TTL = 64;

    public IpTunnelSpec(
            @Nullable String nodeName,
            @Nullable String mode,
            @Nullable String interfaceName,
            @Nullable String local,
            @Nullable String remote,
            @Nullable String parent,
            @Nullable IntOrString ttl,
            @Nullable Integer mtu,
            @Nullable List<TunnelAddress> addresses,
            @Nullable String adminState) {
        this.nodeName = Objects.requireNonNullElse(nodeName, "");
        this.mode = Objects.requireNonNullElse(mode, "");
        this.interfaceName = interfaceName;
        this.local = Objects.requireNonNullElse(local, "");
        this.remote = Objects.requireNonNullElse(remote, "");
        this.parent = parent;
        this.ttl = Objects.requireNonNullElseGet(ttl, () -> new IntOrString(DEFAULT_TTL));
        this.mtu = mtu;
        this.addresses = addresses == null
                ? List.of()
                : addresses.stream().filter(Objects::nonNull).toList();
        this.adminState = Objects.requireNonNullElse(adminState, "Up");
    }
}
