package dev.iptunnel.set;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import java.util.Optional;

/**
 * An IpTunnel that a set made.
 *
 * @param setUid of the controller reference; empty if it has none
 * @param revision the label {@code iptunnel.dev/revision}
 * @param labels all of them
 * @param annotations all of them
 * @param spec as the API server stores it
 */
public record ChildTunnel(
        String name,
        String uid,
        String resourceVersion,
        long generation,
        String setUid,
        Edge edge,
        String revision,
        Map<String, String> labels,
        Map<String, String> annotations,
        ObjectNode spec,
        boolean deleting,
        Observed observed) {

    public ChildTunnel {
        labels = Map.copyOf(labels);
        annotations = Map.copyOf(annotations);
    }

    /**
     * What its status says.
     *
     * @param generation that the status describes; -1 if there is none
     * @param ready {@code True}, {@code False} or {@code Unknown}
     * @param reason of the condition Ready
     * @param message of the condition Ready
     * @param stalled the reason of the condition Stalled, if it is True
     * @param unreachable what the condition Reachable says instead of True; also if it is missing
     */
    public record Observed(
            long generation,
            String ready,
            String reason,
            String message,
            Optional<String> stalled,
            Optional<String> unreachable) {}

    /** Whether its agent asks its peer. */
    public boolean isProbed() {
        return spec.path("probe").path("type").asText().equals("ICMP")
                && !spec.path("adminState").asText().equals("Down");
    }

    /** The same, as if its peer answered. */
    public ChildTunnel withAnsweringPeer() {
        return new ChildTunnel(
                name,
                uid,
                resourceVersion,
                generation,
                setUid,
                edge,
                revision,
                labels,
                annotations,
                spec,
                deleting,
                new Observed(
                        observed.generation(),
                        observed.ready(),
                        observed.reason(),
                        observed.message(),
                        observed.stalled(),
                        Optional.empty()));
    }

    /** Whether the status describes the present spec, and the tunnel is ready. */
    public boolean isReady() {
        return observed.generation() == generation && observed.ready().equals("True");
    }
}
