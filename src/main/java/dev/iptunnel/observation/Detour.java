package dev.iptunnel.observation;

import dev.iptunnel.tunnel.IpPrefix;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Packets to a destination of a tunnel that do not take it, since a route or a rule of somebody else comes first.
 *
 * @param packets where they go to
 * @param route what sends them elsewhere, as ip-route(8) prints it
 * @param effect what becomes of them
 */
public record Detour(IpPrefix packets, String route, String effect) {
    private static final int MOST_NAMED = 3;
    private static final int MOST_COUNTED = 8;

    /** The wider ones first. */
    private static final Comparator<Detour> ORDER =
            Comparator.<Detour>comparingInt(detour -> detour.packets().length()).thenComparing(Detour::route);

    /** In words, the same for the same; empty where there is none. The number of many is left open: it changes often. */
    public static Optional<String> report(Collection<Detour> detours) {
        if (detours.isEmpty()) {
            return Optional.empty();
        }
        List<Detour> all = detours.stream().distinct().sorted(ORDER).toList();
        int others = all.size() - MOST_NAMED;
        return Optional.of(
                "some packets to the tunnel's destinations do not take the tunnel, since routes or rules that"
                        + " are not the tunnel's come first: "
                        + all.stream()
                                .limit(MOST_NAMED)
                                .map(detour -> detour.route() + " (" + detour.effect() + ")")
                                .collect(Collectors.joining(", "))
                        + (others <= 0
                                ? ""
                                : " and " + (others > MOST_COUNTED ? "more than " + MOST_COUNTED : others) + " more"));
    }
}
