package dev.iptunnel.plan;

import dev.iptunnel.observation.ParkedLocal;
import dev.iptunnel.plan.Operation.ChangeTunnel;
import dev.iptunnel.plan.Operation.DeleteAddress;
import dev.iptunnel.plan.Operation.DeleteRoute;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The kernel operations that turn the observed tunnel into the desired one, in order; none if they agree. Prints as ip(8)
 * lines.
 *
 * @param refused the addresses and routes that are left out, while the rest is done
 * @param disruption why the tunnel's traffic is interrupted; empty if everything is changed in place
 * @param displaced the tunnels of other objects that make way
 */
public record Plan(
        List<Operation> operations, List<Refusal> refused, Optional<String> disruption, List<Displacement> displaced)
        implements Decision {
    public Plan {
        operations = List.copyOf(operations);
        refused = List.copyOf(refused);
        displaced = List.copyOf(displaced);
    }

    /** A plan without refusals and interruptions. */
    public Plan(List<Operation> operations) {
        this(operations, List.of(), Optional.empty(), List.of());
    }

    /** The part of this plan that was executed. */
    public Plan of(List<Operation> executed) {
        return new Plan(executed, refused, disruption, displaced);
    }

    /** Whether the kernel needs no change. */
    public boolean isEmpty() {
        return operations.isEmpty();
    }

    /** Whether it interrupts the traffic of this tunnel or of another one. */
    public boolean interruptsTraffic() {
        return disruption.isPresent() || !displaced.isEmpty();
    }

    /** Whether it withdraws endpoints, addresses or routes of the tunnel that harm others now; such a plan is no repair. */
    public boolean givesWay() {
        boolean withdraws = refused.stream().anyMatch(refusal -> refusal.reason() == Reason.ROUTE_WOULD_ISOLATE_NODE);
        return operations.stream().anyMatch(operation -> switch (operation) {
            case ChangeTunnel change -> ParkedLocal.isParked(change.parameters().local());
            case DeleteRoute _, DeleteAddress _ -> withdraws;
            default -> false;
        });
    }

    @Override
    public String toString() {
        Stream<Object> comments = Stream.concat(
                        disruption.stream(), displaced.stream().map(Displacement::what))
                .map(why -> "# " + why);
        return Stream.of(comments, operations.stream(), refused.stream())
                .flatMap(lines -> lines)
                .map(line -> line + "\n")
                .collect(Collectors.joining());
    }
}
