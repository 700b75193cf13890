package dev.iptunnel.set;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.iptunnel.tunnel.TunnelMode;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * What an IpTunnelSet asks for.
 *
 * @param interfacePrefix of the names of interfaces; absent: derived from the set's name
 * @param pool absent: the tunnels have no inner addresses but those of the template
 * @param leave how long a node that is not selected any more keeps its tunnels
 * @param maxTunnels a set that asks for more is not followed
 * @param retry the failed revision that somebody wants to be tried again ({@code iptunnel.dev/retry})
 * @param confirmedRemoval the generation whose mass removal somebody confirmed ({@code iptunnel.dev/confirm-removal})
 */
public record TunnelSet(
        String name,
        String uid,
        long generation,
        Instant created,
        NodeSelector nodeSelector,
        SetTopology topology,
        OuterAddresses outerAddresses,
        Optional<String> interfacePrefix,
        Optional<AddressRanges> pool,
        PeerRoutes routes,
        Map<String, NodeOverride> overrides,
        TunnelTemplate template,
        RolloutPolicy rollout,
        Duration leave,
        int maxTunnels,
        int revisionHistoryLimit,
        Optional<String> retry,
        Optional<Long> confirmedRemoval) {

    public TunnelSet {
        overrides = Map.copyOf(overrides);
    }

    /** What the set says about this node. */
    public NodeOverride override(String node) {
        return overrides.getOrDefault(node, NodeOverride.NONE);
    }

    /**
     * From what its tunnels are made.
     *
     * @param spec of an IpTunnel, without what the set itself writes. It is kept as JSON, as the API server stores it: a
     *     field that this version does not know is passed on.
     */
    public record TunnelTemplate(
            TunnelMode mode, Map<String, String> labels, Map<String, String> annotations, ObjectNode spec) {
        public TunnelTemplate {
            labels = Map.copyOf(labels);
            annotations = Map.copyOf(annotations);
        }
    }
}
