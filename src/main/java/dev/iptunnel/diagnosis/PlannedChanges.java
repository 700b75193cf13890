package dev.iptunnel.diagnosis;

import dev.iptunnel.plan.Decision;
import dev.iptunnel.plan.Operation;
import dev.iptunnel.plan.Plan;
import dev.iptunnel.plan.Reason;
import dev.iptunnel.plan.Refusal;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What the planner says about a tunnel that a file or the API server asks for. */
record PlannedChanges(TunnelFacts facts) {
    private static final int MOST = 3;

    /** The first refusal with one of these reasons, of the planner or of the readiness. */
    Optional<Refusal> refusal(Reason... reasons) {
        Set<Reason> wanted = Set.of(reasons);
        return refusals().filter(refusal -> wanted.contains(refusal.reason())).findFirst();
    }

    /** All refusals: of the tunnel as a whole, of its addresses and routes, and the reason why it is not ready. */
    Stream<Refusal> refusals() {
        return Stream.concat(facts.decision().stream().flatMap(PlannedChanges::refusals), facts.obstacle().stream());
    }

    /** Why nothing can be done for the tunnel. */
    Optional<Refusal> refusalOfAll() {
        return facts.decision()
                .flatMap(decision -> decision instanceof Refusal refusal ? Optional.of(refusal) : Optional.empty());
    }

    private static Stream<Refusal> refusals(Decision decision) {
        return switch (decision) {
            case Refusal refusal -> Stream.of(refusal);
            case Plan plan -> plan.refused().stream();
        };
    }

    /** The operations that would be executed, as ip(8) commands; empty if there is none of them. */
    Optional<String> commands(Predicate<Operation> wanted) {
        List<String> commands = facts.decision().stream()
                .flatMap(decision -> decision instanceof Plan plan ? plan.operations().stream() : Stream.empty())
                .filter(wanted)
                .map(Operation::toString)
                .toList();
        return commands.isEmpty()
                ? Optional.empty()
                : Optional.of(commands.stream().limit(MOST).collect(Collectors.joining("; "))
                        + (commands.size() > MOST ? "; and " + (commands.size() - MOST) + " more" : ""));
    }
}
