package dev.iptunnel.controller.reconcile;

import dev.iptunnel.api.v1alpha1.StatusMessage;
import dev.iptunnel.api.v1alpha1.set.IpTunnelSet;
import dev.iptunnel.api.v1alpha1.set.IpTunnelSetStatus;
import dev.iptunnel.set.status.SetCondition;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;

/** The conditions of a set as its status has them: with the time at which each got its status. */
final class SetConditionList {
    private SetConditionList() {}

    static List<Condition> of(
            IpTunnelSet set, Optional<IpTunnelSetStatus> before, List<SetCondition> conditions, Clock wall) {
        return conditions.stream()
                .map(condition -> new ConditionBuilder()
                        .withType(condition.type())
                        .withStatus(condition.status())
                        .withReason(condition.reason())
                        .withMessage(StatusMessage.bounded(condition.message()))
                        .withObservedGeneration(set.getMetadata().getGeneration())
                        .withLastTransitionTime(since(before, condition, wall))
                        .build())
                .toList();
    }

    private static String since(Optional<IpTunnelSetStatus> before, SetCondition condition, Clock wall) {
        return before.stream()
                .flatMap(status -> status.conditions().stream())
                .filter(old -> condition.type().equals(old.getType())
                        && condition.status().equals(old.getStatus()))
                .map(Condition::getLastTransitionTime)
                .findFirst()
                .orElseGet(() -> wall.instant().truncatedTo(ChronoUnit.SECONDS).toString());
    }
}
