package dev.iptunnel.set;

import java.util.Comparator;

/**
 * One thing that keeps a set from what it asks for.
 *
 * @param node empty if it is not about one
 * @param tunnel the name of the IpTunnel; empty if it is not about one
 * @param reason stable, in CamelCase
 * @param message a sentence that says what to do, without counters or times
 */
public record SetProblem(String node, String tunnel, String reason, String message) implements Comparable<SetProblem> {
    private static final Comparator<SetProblem> ORDER = Comparator.comparing(SetProblem::reason)
            .thenComparing(SetProblem::node)
            .thenComparing(SetProblem::tunnel)
            .thenComparing(SetProblem::message);

    @Override
    public int compareTo(SetProblem other) {
        return ORDER.compare(this, other);
    }
}
