package dev.iptunnel.chaos;

import dev.iptunnel.api.v1alpha1.IpTunnel;
import dev.iptunnel.api.v1alpha1.IpTunnelStatus;
import dev.iptunnel.api.v1alpha1.ParentStatus;
import dev.iptunnel.chaos.Expectation.Held;
import dev.iptunnel.chaos.Expectation.Refused;
import dev.iptunnel.chaos.Expectation.Undetermined;
import dev.iptunnel.chaos.NodeSnapshot.ShownLink;
import io.fabric8.kubernetes.api.model.Condition;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** Compares an IpTunnel's status with what the node really has. */
final class StatusCheck {
    private final IpTunnel object;
    private final IpTunnelStatus status;
    private final Tally tally;
    private final List<String> problems = new ArrayList<>();

    private StatusCheck(IpTunnel object, IpTunnelStatus status, Tally tally) {
        this.object = object;
        this.status = status;
        this.tally = tally;
    }

    /** What is wrong, a line each. */
    static List<String> problems(IpTunnel object, Expectation expectation, NodeSnapshot node, Tally tally) {
        if (object.getStatus() == null) {
            return List.of(object.getMetadata().getName() + " has no status");
        }
        StatusCheck check = new StatusCheck(object, object.getStatus(), tally);
        check.same("observedGeneration", object.getMetadata().getGeneration(), check.status.observedGeneration());
        check.same("interfaceName", expectation.interfaceName(), check.status.interfaceName());
        switch (expectation) {
            case Held held -> check.held(held, node);
            case Refused refused -> check.refused(refused);
            case Undetermined _ -> tally.count("statuses undetermined");
        }
        return check.problems;
    }

    private void held(Held held, NodeSnapshot node) {
        Optional<ShownLink> link = node.link(held.interfaceName());
        same("ifindex", link.map(ShownLink::ifindex).orElse(null), status.ifindex());
        same("mtu", link.map(ShownLink::mtu).orElse(null), status.mtu());
        same("operState", link.map(ShownLink::operState).orElse(null), status.operState());
        same("remote", object.getSpec().remote(), status.remote());
        Optional<ParentStatus> parent = Optional.ofNullable(status.parent());
        same("parent", held.carrier().map(ShownLink::name), parent.map(ParentStatus::name));
        same("parent's ifindex", held.carrier().map(ShownLink::ifindex), parent.map(ParentStatus::ifindex));
        same("parent's mtu", held.carrier().map(ShownLink::mtu), parent.map(ParentStatus::mtu));
        condition("Programmed", "True", List.of("InSync"));
        if (held.notReady().isEmpty()) {
            condition("Ready", "True", List.of(held.up() ? "TunnelUp" : "AdministrativelyDown"));
        } else {
            tally.count("statuses not ready " + held.notReady());
            condition("Ready", "False", held.notReady());
        }
        absent("Stalled");
    }

    private void refused(Refused refused) {
        tally.count("statuses refused " + refused.reasons());
        condition("Programmed", "False", refused.reasons());
        condition("Ready", "False", refused.reasons());
        String reason = of("Programmed").map(Condition::getReason).orElse("");
        if (Expectation.STALLING.contains(reason)) {
            condition("Stalled", "True", List.of(reason));
        } else {
            absent("Stalled");
        }
    }

    private void same(String what, Object expected, Object is) {
        tally.count("fields of statuses");
        if (!Objects.equals(expected, is)) {
            problem(what + " " + is + ", not " + expected);
        }
    }

    private void condition(String type, String value, Iterable<String> reasons) {
        tally.count("conditions");
        Optional<Condition> condition = of(type);
        for (String reason : reasons) {
            if (condition
                    .filter(shown ->
                            shown.getStatus().equals(value) && shown.getReason().equals(reason))
                    .isPresent()) {
                return;
            }
        }
        problem(condition
                        .map(shown -> type + "=" + shown.getStatus() + " " + shown.getReason() + " ("
                                + shown.getMessage() + ")")
                        .orElse("no " + type)
                + ", not " + value + " " + reasons);
    }

    private void absent(String type) {
        of(type).ifPresent(condition -> problem("has " + type + " " + condition.getReason()));
    }

    private Optional<Condition> of(String type) {
        return status.conditions().stream()
                .filter(condition -> condition.getType().equals(type))
                .findFirst();
    }

    private void problem(String what) {
        problems.add("status of " + object.getMetadata().getName() + ": " + what);
    }
}
