package dev.iptunnel.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Required;
import io.fabric8.kubernetes.api.model.IntOrString;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The tunnel that is asked for. Every value that the API server can store can be read, also values that this version
 * does not know: the field then has an unknown text. A missing field has its default here too, so that a manifest from
 * a file equals the object created from it. A required field that is missing is the empty string.
 *
 * @param nodeName the node whose kernel holds the tunnel
 * @param mode {@code ipip}, {@code sit}, {@code ip6ip6}, {@code ipip6}
 * @param interfaceName name of the interface; absent: the object's name
 * @param local outer source address, or {@code any}; absent if {@code localFrom} is given
 * @param localFrom where the outer source address is taken from; absent if {@code local} is given
 * @param remote outer destination address, or {@code any}
 * @param parent name of the interface that the tunnel is bound to; absent: none
 * @param vrf name of the VRF that the tunnel's interface is in; absent: not changed
 * @param ttl 1 to 255, or {@code inherit}
 * @param dscp of the outer packet, 0 to 63, or {@code inherit}
 * @param pathMtuDiscovery whether routers may not fragment the outer IPv4 packet; absent: they may not
 * @param encapsulationLimit of the outer IPv6 packet (RFC 2473), 0 to 255, or {@code none}; absent: none
 * @param flowLabel of the outer IPv6 packet, 0 to 0xfffff, or {@code inherit}; absent: 0
 * @param mtu in bytes, for inner packets; absent: derived from the parent's
 * @param addresses of the tunnel's interface
 * @param routes through the tunnel
 * @param reversePathFilter {@code Disabled}, {@code Loose} or {@code Strict}; absent: not changed
 * @param allowIsolation whether a route or an address may take the node's own traffic into the tunnel
 * @param fallbackPolicy {@code Refuse}, {@code Yield} or {@code TakeOver}: what happens to the tunnel while the
 *     kernel's fallback device carries packets that it would receive; absent: {@code Refuse}
 * @param adminState {@code Up} or {@code Down}
 * @param paused whether the agent changes nothing except its own mark; the tunnel stays if the object is deleted
 * @param deletionPolicy {@code Delete} or {@code Retain}: what happens to the kernel's tunnel when the object is
 *     deleted
 * @param adoptionPolicy {@code Never} or {@code IfIdentical}: whether a tunnel that no object owns is taken over
 * @param probe whether and how it is found out that the peer answers; absent: it is not
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record IpTunnelSpec(
        @Required String nodeName,
        @Required String mode,
        @Nullable String interfaceName,
        @Nullable String local,
        @Nullable LocalSource localFrom,
        @Required String remote,
        @Nullable String parent,
        @Nullable String vrf,
        IntOrString ttl,
        IntOrString dscp,
        @Nullable Boolean pathMtuDiscovery,
        @Nullable IntOrString encapsulationLimit,
        @Nullable IntOrString flowLabel,
        @Nullable Integer mtu,
        List<TunnelAddress> addresses,
        List<TunnelRoute> routes,
        @Nullable String reversePathFilter,
        boolean allowIsolation,
        @Nullable String fallbackPolicy,
        String adminState,
        boolean paused,
        String deletionPolicy,
        String adoptionPolicy,
        @Nullable ProbeSpec probe) {

    private static final int DEFAULT_TTL = 64;
    private static final int DEFAULT_DSCP = 0;

    public IpTunnelSpec(
            @Nullable String nodeName,
            @Nullable String mode,
            @Nullable String interfaceName,
            @Nullable String local,
            @Nullable LocalSource localFrom,
            @Nullable String remote,
            @Nullable String parent,
            @Nullable String vrf,
            @Nullable IntOrString ttl,
            @Nullable IntOrString dscp,
            @Nullable Boolean pathMtuDiscovery,
            @Nullable IntOrString encapsulationLimit,
            @Nullable IntOrString flowLabel,
            @Nullable Integer mtu,
            @Nullable List<TunnelAddress> addresses,
            @Nullable List<TunnelRoute> routes,
            @Nullable String reversePathFilter,
            boolean allowIsolation,
            @Nullable String fallbackPolicy,
            @Nullable String adminState,
            boolean paused,
            @Nullable String deletionPolicy,
            @Nullable String adoptionPolicy,
            @Nullable ProbeSpec probe) {
        this.nodeName = Objects.requireNonNullElse(nodeName, "");
        this.mode = Objects.requireNonNullElse(mode, "");
        this.interfaceName = interfaceName;
        this.local = local;
        this.localFrom = localFrom;
        this.remote = Objects.requireNonNullElse(remote, "");
        this.parent = parent;
        this.vrf = vrf;
        this.ttl = Objects.requireNonNullElseGet(ttl, () -> new IntOrString(DEFAULT_TTL));
        this.dscp = Objects.requireNonNullElseGet(dscp, () -> new IntOrString(DEFAULT_DSCP));
        this.pathMtuDiscovery = pathMtuDiscovery;
        this.encapsulationLimit = encapsulationLimit;
        this.flowLabel = flowLabel;
        this.mtu = mtu;
        this.addresses = withoutNulls(addresses);
        this.routes = withoutNulls(routes);
        this.reversePathFilter = reversePathFilter;
        this.allowIsolation = allowIsolation;
        this.fallbackPolicy = fallbackPolicy;
        this.adminState = Objects.requireNonNullElse(adminState, "Up");
        this.paused = paused;
        this.deletionPolicy = Objects.requireNonNullElse(deletionPolicy, "Delete");
        this.adoptionPolicy = Objects.requireNonNullElse(adoptionPolicy, "Never");
        this.probe = probe;
    }

    private static <T> List<T> withoutNulls(@Nullable List<T> list) {
        return list == null ? List.of() : list.stream().filter(Objects::nonNull).toList();
    }
}
