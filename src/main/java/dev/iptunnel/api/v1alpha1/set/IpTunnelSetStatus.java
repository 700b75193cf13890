package dev.iptunnel.api.v1alpha1.set;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.kubernetes.api.model.Condition;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How far the controller is. Only the controller writes it.
 *
 * @param observedGeneration the {@code metadata.generation} that this status describes
 * @param currentRevision the last template that reached all nodes
 * @param updateRevision the template that the nodes are given
 * @param failedRevisions templates that failed, at most 5
 * @param collisionCount how often the names of the set's tunnels were chosen again, because others had them
 * @param nodes counts of nodes
 * @param tunnels counts of tunnels
 * @param pool counts of inner addresses; absent: the set has no pool
 * @param rollout the roll-out of the template
 * @param problems at most 10
 * @param conditions at most one of each {@link SetConditionType}
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record IpTunnelSetStatus(
        @Nullable Long observedGeneration,
        @Nullable String currentRevision,
        @Nullable String updateRevision,
        List<String> failedRevisions,
        @Nullable Integer collisionCount,
        @Nullable NodeCounts nodes,
        @Nullable TunnelCounts tunnels,
        @Nullable PoolCounts pool,
        @Nullable RolloutStatus rollout,
        List<ProblemStatus> problems,
        List<Condition> conditions) {

    public IpTunnelSetStatus(
            @Nullable Long observedGeneration,
            @Nullable String currentRevision,
            @Nullable String updateRevision,
            @Nullable List<String> failedRevisions,
            @Nullable Integer collisionCount,
            @Nullable NodeCounts nodes,
            @Nullable TunnelCounts tunnels,
            @Nullable PoolCounts pool,
            @Nullable RolloutStatus rollout,
            @Nullable List<ProblemStatus> problems,
            @Nullable List<Condition> conditions) {
        this.observedGeneration = observedGeneration;
        this.currentRevision = currentRevision;
        this.updateRevision = updateRevision;
        this.failedRevisions = Lists.withoutNulls(failedRevisions);
        this.collisionCount = collisionCount;
        this.nodes = nodes;
        this.tunnels = tunnels;
        this.pool = pool;
        this.rollout = rollout;
        this.problems = Lists.withoutNulls(problems);
        this.conditions = Lists.withoutNulls(conditions);
    }
}
