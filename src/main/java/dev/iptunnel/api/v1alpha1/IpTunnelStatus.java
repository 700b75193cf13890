package dev.iptunnel.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.kubernetes.api.model.Condition;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What the node's kernel really has. Only the agent of the tunnel's node writes it. */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record IpTunnelStatus(
        @JsonPropertyDescription("The metadata.generation that this status answers.") @Nullable Long observedGeneration,
        @JsonPropertyDescription("The name of the tunnel's interface.") @Nullable String interfaceName,
        @JsonPropertyDescription(
                        "The index of the tunnel's interface on its node. A tunnel that was changed in place keeps"
                                + " it, one that was made anew gets another.")
                @Nullable Integer ifindex,
        @JsonPropertyDescription("The MTU of the tunnel's interface in bytes, for inner packets.") @Nullable Integer mtu,
        @JsonPropertyDescription(
                        "The interface that carries the outer packets: spec.parent, or else the one that the route"
                                + " to the remote uses.")
                @Nullable ParentStatus parent,
        @JsonPropertyDescription("The outer source address, or \"any\".") @Nullable String local,
        @JsonPropertyDescription("The outer destination address, or \"any\".") @Nullable String remote,
        @JsonPropertyDescription("The operational state of the tunnel's interface, as ip-link(8) prints it: UP, DOWN,"
                        + " UNKNOWN (which is what a working tunnel reports) or LOWERLAYERDOWN.")
                @Nullable String operState,
        @JsonPropertyDescription(
                        "What is so and what is not, and why: Programmed (the kernel holds what the spec asks for),"
                                + " Ready (the node does its part; nothing is said about the peer), Stalled (no retry can help until"
                                + " somebody acts), Paused (the agent changes nothing).")
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
}
