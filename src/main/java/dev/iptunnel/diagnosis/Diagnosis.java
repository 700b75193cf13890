package dev.iptunnel.diagnosis;

import dev.iptunnel.plan.Reason;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The findings about one tunnel, in the order of {@link Check}, one for each check.
 *
 * @param name of the interface
 */
public record Diagnosis(String name, List<Finding> findings) {
    public Diagnosis {
        findings =
                findings.stream().sorted(Comparator.comparing(Finding::check)).toList();
    }

    /** Makes all checks. Checks of a thing that is missing are skipped. */
    public static Diagnosis of(TunnelFacts facts, Optional<Traffic> traffic) {
        List<Finding> found = Stream.of(
                        InterfaceChecks.of(facts),
                        OuterChecks.of(facts),
                        InnerChecks.of(facts),
                        NodeChecks.of(facts, traffic),
                        List.of(TrafficCheck.of(facts, traffic)))
                .flatMap(List::stream)
                .toList();
        return new Diagnosis(facts.name(), withRefusals(found, new PlannedChanges(facts)));
    }

    /** What the status would say is said here as well, also where no check has the same reason. */
    private static List<Finding> withRefusals(List<Finding> found, PlannedChanges planned) {
        Set<Reason> named =
                found.stream().flatMap(finding -> finding.reason().stream()).collect(Collectors.toSet());
        return planned.refusals()
                .filter(refusal -> !named.contains(refusal.reason()))
                .findFirst()
                .map(refusal -> Finding.refused(Check.PARAMETERS, refusal))
                .map(refused -> found.stream()
                        .map(finding -> finding.check() == Check.PARAMETERS && !finding.failed() ? refused : finding)
                        .toList())
                .orElse(found);
    }

    /** The first failure: it comes before what it explains. */
    public Optional<Finding> rootCause() {
        return findings.stream().filter(Finding::failed).findFirst();
    }

    /** The worst outcome. */
    public Result outcome() {
        if (rootCause().isPresent()) {
            return Result.FAIL;
        }
        return findings.stream().anyMatch(finding -> finding.outcome() == Result.WARN) ? Result.WARN : Result.OK;
    }

    /** The findings of that outcome. */
    public List<Finding> findings(Result outcome) {
        return findings.stream().filter(finding -> finding.outcome() == outcome).toList();
    }

    /** One sentence: what is wrong, or that nothing failed. */
    public String summary() {
        return rootCause()
                .map(cause -> cause.check() + ": " + cause.seen())
                .orElseGet(() -> findings(Result.WARN).stream()
                        .findFirst()
                        .map(finding -> "nothing failed; " + finding.check() + ": " + finding.seen())
                        .orElse("nothing failed"));
    }
}
