package dev.iptunnel.planner;

import dev.iptunnel.observation.Observation;
import dev.iptunnel.observation.ObservedLink;
import dev.iptunnel.observation.ObservedRoute;
import dev.iptunnel.plan.Decision;
import dev.iptunnel.plan.Operation;
import dev.iptunnel.plan.Operation.DeleteRoute;
import dev.iptunnel.plan.Plan;
import dev.iptunnel.plan.Reason;
import dev.iptunnel.plan.Refusal;
import dev.iptunnel.tunnel.DesiredTunnel;
import dev.iptunnel.tunnel.InnerRoute;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Which routes go, with the spec's consent, while the node cannot send the tunnel's packets. */
public final class Withdrawal {
    private static final Set<Reason> UNSENT = EnumSet.of(
            Reason.PARENT_NOT_FOUND,
            Reason.PARENT_DOWN,
            Reason.VRF_DOWN,
            Reason.LOCAL_ADDRESS_NOT_FOUND,
            Reason.NO_ROUTE_TO_REMOTE);

    private Withdrawal() {}

    /** Whether no packet leaves through a tunnel that is not ready for that reason. */
    public static boolean isDue(Reason reason) {
        return UNSENT.contains(reason);
    }

    /** A tunnel that is refused as a whole keeps all that it has, but not these routes. */
    static Decision from(DesiredTunnel desired, Observation observed, Refusal refusal) {
        List<Operation> operations = isDue(refusal.reason())
                ? observed.named().filter(link -> link.hasMarkOf(desired)).stream()
                        .<Operation>flatMap(link -> link.routes().stream()
                                .filter(route -> isWithdrawable(desired, link, route))
                                .map(route ->
                                        new DeleteRoute(link.index(), link.name(), route.route(), route.details())))
                        .toList()
                : List.of();
        return operations.isEmpty() ? refusal : new Plan(operations, List.of(refusal), Optional.empty(), List.of());
    }

    private static boolean isWithdrawable(DesiredTunnel desired, ObservedLink link, ObservedRoute route) {
        return route.ours()
                && desired.withdrawable().stream()
                        .map(wanted -> wanted.in(link.vrfTable()))
                        .anyMatch(route::stands);
    }

    /** Whether all that the plan does is to remove routes of that kind. */
    public static boolean withdraws(Plan plan, DesiredTunnel desired) {
        return concerns(plan, desired) && plan.operations().stream().allMatch(DeleteRoute.class::isInstance);
    }

    /** Whether all that the plan does is to add such routes again. */
    public static boolean restores(Plan plan, DesiredTunnel desired) {
        return concerns(plan, desired) && plan.operations().stream().allMatch(Operation.AddRoute.class::isInstance);
    }

    private static boolean concerns(Plan plan, DesiredTunnel desired) {
        return !plan.operations().isEmpty()
                && plan.operations().stream().allMatch(operation -> route(operation)
                        .filter(route -> desired.withdrawable().stream()
                                .anyMatch(wanted -> wanted.destination().equals(route.destination())
                                        && wanted.kernelMetric() == route.kernelMetric()))
                        .isPresent());
    }

    private static Optional<InnerRoute> route(Operation operation) {
        return switch (operation) {
            case DeleteRoute delete -> Optional.of(delete.route());
            case Operation.AddRoute add -> Optional.of(add.route());
            default -> Optional.empty();
        };
    }
}
