package dev.iptunnel.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.kubernetes.api.model.Condition;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The state in the node's kernel. The agent of the tunnel's node writes it; if that agent is gone, the
 * controller replaces the conditions Ready and Programmed.
 *
 * @param observedGeneration the {@code metadata.generation} that this status describes
 * @param ifindex index of the tunnel's interface, on its node
 * @param mtu MTU of the tunnel's interface, in bytes
 * @param parent the interface that carries the outer packets
 * @param local outer source address as resolved, or {@code any}
 * @param remote outer destination address, or {@code any}
 * @param operState as ip-link(8) prints it
 * @param conditions at most one of each {@link ConditionType}
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record IpTunnelStatus(
        @Nullable Long observedGeneration,
        @Nullable String interfaceName,
        @Nullable Integer ifindex,
        @Nullable Integer mtu,
        @Nullable ParentStatus parent,
        @Nullable String local,
        @Nullable String remote,
        @Nullable String operState,
        List<Condition> conditions) {

    public IpTunnelStatus(
            @Nullable Long observedGeneration,
            @Nullable String interfaceName,
            @Nullable Integer ifindex,
            @Nullable Integer mtu,
            @Nullable ParentStatus parent,
            @Nullable String local,
            @Nullable String remote,
            @Nullable String operState,
            @Nullable List<Condition> conditions) {
        this.observedGeneration = observedGeneration;
        this.interfaceName = interfaceName;
        this.ifindex = ifindex;
        this.mtu = mtu;
        this.parent = parent;
        this.local = local;
        this.remote = remote;
        this.operState = operState;
        this.conditions = List.copyOf(Objects.requireNonNullElse(conditions, List.of()));
    }

    /** A status that has these conditions and nothing else. */
    public static IpTunnelStatus ofConditions(List<Condition> conditions) {
        return new IpTunnelStatus(null, null, null, null, null, null, null, null, conditions);
    }

    /** The same with these conditions. */
    public IpTunnelStatus withConditions(List<Condition> others) {
        return new IpTunnelStatus(
                observedGeneration, interfaceName, ifindex, mtu, parent, local, remote, operState, others);
    }
}
