package dev.iptunnel.tunnel;

import java.util.List;
import java.util.stream.Collectors;

/** The kernel operations that turn observed into desired, in order; none when in sync. Prints as ip(8) lines. */
public record Plan(List<Operation> operations) implements Decision {
    public Plan {
        operations = List.copyOf(operations);
    }

    public boolean isEmpty() {
        return operations.isEmpty();
    }

    @Override
    public String toString() {
        return operations.stream().map(operation -> operation + "\n").collect(Collectors.joining());
    }
}
