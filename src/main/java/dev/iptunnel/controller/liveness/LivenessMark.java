package dev.iptunnel.controller.liveness;

import dev.iptunnel.api.v1alpha1.ConditionType;
import dev.iptunnel.api.v1alpha1.IpTunnel;
import dev.iptunnel.api.v1alpha1.IpTunnelStatus;
import dev.iptunnel.controller.cluster.StoredTunnel;
import dev.iptunnel.liveness.AgentVerdict;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.stream.Stream;

/**
 * The conditions Ready and Programmed of a tunnel whose agent is dead: Unknown. All other conditions and fields stay: they
 * say what the agent saw last.
 */
record LivenessMark(AgentVerdict verdict, String node) {
    private static final String UNKNOWN = "Unknown";

    private String message() {
        return switch (verdict) {
            case AGENT_NOT_RESPONDING ->
                "the agent on node " + node + " does not renew its Lease; the tunnel may well be up";
            case NODE_NOT_READY ->
                "node " + node + " is not ready, and its agent does not report; the tunnel may well be up";
            case NODE_GONE ->
                "there is no Node " + node + " any more; if the machine still runs, the tunnel may well be up";
            case NODE_NOT_FOUND ->
                "there is no Node " + node + ": add it, or create the IpTunnel again with another spec.nodeName";
            case ALIVE, NOT_JUDGED -> throw new IllegalStateException("no mark for " + verdict);
        };
    }

    /** Whether the tunnel has exactly this mark. */
    boolean isOn(StoredTunnel tunnel) {
        return Stream.of(ConditionType.READY, ConditionType.PROGRAMMED).allMatch(type -> tunnel.condition(type)
                .filter(condition -> UNKNOWN.equals(condition.getStatus())
                        && verdict.reason().equals(condition.getReason())
                        && message().equals(condition.getMessage()))
                .isPresent());
    }

    /** To be applied: fails with a conflict if the tunnel is no longer the one that was looked at. */
    IpTunnel on(StoredTunnel tunnel, Instant now) {
        IpTunnel patch = new IpTunnel();
        patch.setMetadata(new ObjectMetaBuilder()
                .withName(tunnel.getMetadata().getName())
                .withUid(tunnel.getMetadata().getUid())
                .withResourceVersion(tunnel.getMetadata().getResourceVersion())
                .build());
        patch.setStatus(IpTunnelStatus.ofConditions(
                List.of(mark(tunnel, ConditionType.READY, now), mark(tunnel, ConditionType.PROGRAMMED, now))));
        return patch;
    }

    private Condition mark(StoredTunnel tunnel, String type, Instant now) {
        String since = tunnel.condition(type)
                .filter(condition -> UNKNOWN.equals(condition.getStatus()))
                .map(Condition::getLastTransitionTime)
                .orElseGet(() -> now.truncatedTo(ChronoUnit.SECONDS).toString());
        return new ConditionBuilder()
                .withType(type)
                .withStatus(UNKNOWN)
                .withReason(verdict.reason())
                .withMessage(message())
                .withLastTransitionTime(since)
                .build();
    }
}
