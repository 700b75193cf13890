package dev.iptunnel.diagnosis;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
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
        return new Diagnosis(facts.name(), found);
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
