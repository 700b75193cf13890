package dev.iptunnel.agent.reconcile;

import dev.iptunnel.agent.health.TunnelState;
import dev.iptunnel.agent.program.Drift;
import dev.iptunnel.agent.program.Outcome;
import dev.iptunnel.api.v1alpha1.ConditionType;
import dev.iptunnel.api.v1alpha1.IpTunnel;
import dev.iptunnel.api.v1alpha1.IpTunnelSpec;
import dev.iptunnel.api.v1alpha1.IpTunnelStatus;
import dev.iptunnel.api.v1alpha1.ParentStatus;
import io.fabric8.kubernetes.api.model.Condition;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Makes the state for metrics and {@code /statusz} from the status that the agent writes. */
final class TunnelStates {
    private TunnelStates() {}

    static TunnelState of(IpTunnel tunnel, IpTunnelStatus status, Outcome outcome, Drift drift) {
        IpTunnelSpec spec = tunnel.getSpec();
        Optional<Condition> ready = condition(status, ConditionType.READY);
        return new TunnelState(
                tunnel.getMetadata().getName(),
                text(spec.mode()),
                tunnel.interfaceName(),
                text(status.local(), spec.local()),
                text(status.remote(), spec.remote()),
                parent(status, spec),
                outcome.state().map(state -> state.desired().mode().driver()),
                number(status.ifindex()),
                number(status.mtu()),
                condition(status, ConditionType.PROGRAMMED)
                        .filter(TunnelStates::isTrue)
                        .isPresent(),
                ready.filter(TunnelStates::isTrue).isPresent(),
                text(ready.map(Condition::getReason).orElse("")),
                text(ready.map(Condition::getMessage).orElse("")),
                text(ready.map(Condition::getLastTransitionTime).orElse("")),
                drift.contention().isContended(),
                outcome.state()
                        .map(state -> state.desired().missingRoutes().size())
                        .orElse(0));
    }

    private static String parent(IpTunnelStatus status, IpTunnelSpec spec) {
        ParentStatus parent = status.parent();
        return parent == null ? text(spec.parent()) : text(parent.name());
    }

    private static Optional<Condition> condition(IpTunnelStatus status, String type) {
        return status.conditions().stream()
                .filter(condition -> type.equals(condition.getType()))
                .findFirst();
    }

    private static boolean isTrue(Condition condition) {
        return "True".equals(condition.getStatus());
    }

    /** The first that is known. */
    private static String text(@Nullable String... texts) {
        return Stream.of(texts).filter(Objects::nonNull).findFirst().orElse("");
    }

    private static OptionalInt number(@Nullable Integer number) {
        return number == null ? OptionalInt.empty() : OptionalInt.of(number);
    }
}
