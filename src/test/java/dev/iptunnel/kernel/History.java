package dev.iptunnel.kernel;

import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** What happens before each reconciliation of a node that has nothing but its parents at first. */
record History(List<List<HistoryEvent>> steps) {
    static String lines(Collection<?> things) {
        return things.stream().map(thing -> "  " + thing).collect(Collectors.joining("\n"));
    }

    @Override
    public String toString() {
        return IntStream.range(0, steps.size())
                .mapToObj(step -> "step " + step + ":\n" + lines(steps.get(step)))
                .collect(Collectors.joining("\n"));
    }
}
