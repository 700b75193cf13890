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
 * The kernel operations that turn observed into desired, in order; none when in sync. Prints as ip(8) lines.
 *
 * @param refused parts of what is desired that are left out, while all else is done
 * @param disruption why the tunnel's traffic is interrupted; empty where everything is changed in place
 * @param displaced tunnels of other objects that make way
 */
public record Plan(
        List<Operation> operations, List<Refusal> refused, Optional<String> disruption, List<Displacement> displaced)
        implements Decision {
    public Plan {
        operations = List.copyOf(operations);
        refused = List.copyOf(refused);
        displaced = List.copyOf(displaced);
    }

    /** All that is to be done, in place. */
    public Plan(List<Operation> operations) {
        this(operations, List.of(), Optional.empty(), List.of());
    }

    /** The same of which those were executed. */
    public Plan of(List<Operation> executed) {
        return new Plan(executed, refused, disruption, displaced);
    }

    /** Whether there is nothing to do in the kernel. */
    public boolean isEmpty() {
        return operations.isEmpty();
    }

    /** Whether traffic is interrupted, of the tunnel or of others. */
    public boolean interruptsTraffic() {
        return disruption.isPresent() || !displaced.isEmpty();
    }

    /** Whether it takes something of the tunnel's own back that has come to harm others, so that it repairs nothing. */
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
