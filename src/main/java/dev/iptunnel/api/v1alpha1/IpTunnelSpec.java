package dev.iptunnel.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.kubernetes.api.model.IntOrString;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a tunnel should be. Every value that the API server can hold can be read, be it known or not; what a spec lacks
 * has its default here too, so that a manifest read from a file equals the object made from it. A required field that
 * is missing reads as the empty string.
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record IpTunnelSpec(
        @Required
                @JsonPropertyDescription(
                        "The node whose kernel holds the tunnel, by its name in `kubectl get nodes`. Immutable.")
                String nodeName,
        @Required
                @JsonPropertyDescription(
                        "What travels inside what, by the names of ip-tunnel(8): ipip is IPv4 in IPv4, sit IPv6 in"
                                + " IPv4, ip6ip6 IPv6 in IPv6, ipip6 IPv4 in IPv6. Immutable.")
                String mode,
        @JsonPropertyDescription(
                        "The name of the tunnel's interface: 1 to 15 printable ASCII characters, none of them \"/\","
                                + " \":\", \"%\" or a space. Default: the object's name, which then has to be such a name.")
                @Nullable String interfaceName,
        @Required
                @JsonPropertyDescription(
                        "The outer source address: IPv4 in modes ipip and sit, IPv6 in modes ip6ip6 and ipip6; or"
                                + " \"any\", and the kernel takes the one that the route to the remote gives.")
                String local,
        @Required
                @JsonPropertyDescription(
                        "The outer destination address, of the same family as local; or \"any\", and the tunnel takes"
                                + " packets from everybody. Not all of local, remote and parent may be left open.")
                String remote,
        @JsonPropertyDescription(
                        "The interface that the tunnel is bound to (\"dev\" in ip-tunnel(8)). Default: none, and the"
                                + " kernel routes the outer packets.")
                @Nullable String parent,
        @JsonPropertyDescription(
                        "The outer packet's TTL or hop limit: 1 to 255, or \"inherit\" to copy the inner packet's."
                                + " Default: 64.")
                IntOrString ttl,
        @JsonPropertyDescription(
                        "The interface's MTU in bytes, for inner packets: 68 to 65515 in mode ipip, 1280 to 65555 in"
                                + " sit, 1280 to 65535 in ip6ip6, 68 to 65495 in ipip6. Default: derived from the parent's.")
                @Nullable Integer mtu,
        @JsonPropertyDescription("Addresses of the tunnel's interface, at most 64.") List<TunnelAddress> addresses,
        @JsonPropertyDescription("Whether the interface is set up (Up, the default) or down (Down).")
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
