package dev.iptunnel.api.v1alpha1.set;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Required;
import io.fabric8.kubernetes.api.model.LabelSelector;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The tunnels that are asked for. Every value that the API server can store can be read, also values that this version
 * does not know: the field then has an unknown text. A missing field has its default here too. A required text that is
 * missing is empty.
 *
 * @param nodeSelector the nodes that have tunnels; null only if it is missing, empty: all nodes
 * @param topology which nodes have tunnels to which others
 * @param nodeAddress which address of a node the tunnels use
 * @param interfacePrefix how the names of the interfaces begin; absent: derived from the set's name
 * @param addressPool where inner addresses are taken from; absent: the tunnels have those of the template
 * @param routes what is routed to the peers
 * @param nodeOverrides what is different on some nodes
 * @param template from which the IpTunnels are made
 * @param rollout how a changed template reaches the nodes
 * @param leaveSeconds how long a node that is not selected any more keeps its tunnels
 * @param maxTunnels a set that asks for more is not followed
 * @param revisionHistoryLimit how many former templates are kept
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record IpTunnelSetSpec(
        @Required @Nullable LabelSelector nodeSelector,
        @Required TopologySpec topology,
        NodeAddressSpec nodeAddress,
        @Nullable String interfacePrefix,
        @Nullable AddressPoolSpec addressPool,
        RoutesSpec routes,
        List<NodeOverrideSpec> nodeOverrides,
        @Required TemplateSpec template,
        RolloutSpec rollout,
        Integer leaveSeconds,
        Integer maxTunnels,
        Integer revisionHistoryLimit) {

    private static final int DEFAULT_LEAVE_SECONDS = 60;
    private static final int DEFAULT_MAX_TUNNELS = 20_000;
    private static final int DEFAULT_REVISIONS = 5;

    public IpTunnelSetSpec(
            @Nullable LabelSelector nodeSelector,
            @Nullable TopologySpec topology,
            @Nullable NodeAddressSpec nodeAddress,
            @Nullable String interfacePrefix,
            @Nullable AddressPoolSpec addressPool,
            @Nullable RoutesSpec routes,
            @Nullable List<NodeOverrideSpec> nodeOverrides,
            @Nullable TemplateSpec template,
            @Nullable RolloutSpec rollout,
            @Nullable Integer leaveSeconds,
            @Nullable Integer maxTunnels,
            @Nullable Integer revisionHistoryLimit) {
        this.nodeSelector = nodeSelector;
        this.topology = Objects.requireNonNullElseGet(topology, () -> new TopologySpec(null, null, null));
        this.nodeAddress = Objects.requireNonNullElseGet(nodeAddress, () -> new NodeAddressSpec(null, null));
        this.interfacePrefix = interfacePrefix;
        this.addressPool = addressPool;
        this.routes = Objects.requireNonNullElseGet(routes, () -> new RoutesSpec(null, null, null, null));
        this.nodeOverrides = Lists.withoutNulls(nodeOverrides);
        this.template = Objects.requireNonNullElseGet(template, () -> new TemplateSpec(null, null));
        this.rollout = Objects.requireNonNullElseGet(
                rollout, () -> new RolloutSpec(null, null, null, null, null, null, null, null));
        this.leaveSeconds = Objects.requireNonNullElse(leaveSeconds, DEFAULT_LEAVE_SECONDS);
        this.maxTunnels = Objects.requireNonNullElse(maxTunnels, DEFAULT_MAX_TUNNELS);
        this.revisionHistoryLimit = Objects.requireNonNullElse(revisionHistoryLimit, DEFAULT_REVISIONS);
    }
}
