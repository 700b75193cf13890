package dev.iptunnel.controller;

import dev.iptunnel.api.v1alpha1.set.IpTunnelSetStatus;
import dev.iptunnel.api.v1alpha1.set.SetConditionType;
import io.fabric8.kubernetes.api.model.Condition;
import java.util.List;
import java.util.Optional;

/** A set as a row of {@code /statusz}. */
final class SetRow {
    private static final String NONE = "-";

    private SetRow() {}

    static List<String> of(String name, IpTunnelSetStatus status) {
        Optional<Condition> ready = status.conditions().stream()
                .filter(condition -> SetConditionType.READY.equals(condition.getType()))
                .findFirst();
        return List.of(
                name,
                Optional.ofNullable(status.nodes())
                        .map(nodes -> Integer.toString(nodes.members()))
                        .orElse(NONE),
                Optional.ofNullable(status.tunnels())
                        .map(tunnels -> Integer.toString(tunnels.desired()))
                        .orElse(NONE),
                Optional.ofNullable(status.tunnels())
                        .map(tunnels -> Integer.toString(tunnels.ready()))
                        .orElse(NONE),
                Optional.ofNullable(status.rollout())
                        .flatMap(rollout -> Optional.ofNullable(rollout.phase()))
                        .orElse(NONE),
                ready.map(Condition::getReason).orElse(NONE),
                ready.map(Condition::getMessage).orElse(NONE));
    }
}
