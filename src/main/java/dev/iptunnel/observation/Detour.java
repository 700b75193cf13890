package dev.iptunnel.observation;

import dev.iptunnel.tunnel.IpPrefix;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Packets to a destination of a tunnel that do not take the tunnel, because a route or a rule of others comes first.
 *
 * @param packets the destination of these packets
 * @param route the route or rule, as ip(8) prints it
 * @param effect what happens to the packets
 */
public record Detour(IpPrefix packets, String route, String effect) {
    private static final int MOST_NAMED = 3;
    private static final int MOST_COUNTED = 8;

    /** Wider destinations first. */
    private static final Comparator<Detour> ORDER =
            Comparator.<Detour>comparingInt(detour -> detour.packets().length()).thenComparing(Detour::route);

    /**
     * The text for a message, in a stable order; empty if there is none. A large number of detours is not given exactly,
     * because it changes often.
     */
    public static Optional<String> report(Collection<Detour> detours) {
        if (detours.isEmpty()) {
            return Optional.empty();
        }
        List<Detour> all = detours.stream().distinct().sorted(ORDER).toList();
        int others = all.size() - MOST_NAMED;
        return Optional.of(
                "some packets to the tunnel's destinations do not take the tunnel, because routes or rules of"
                        + " others come first: "
                        + all.stream()
                                .limit(MOST_NAMED)
                                .map(detour -> detour.route() + " (" + detour.effect() + ")")
                                .collect(Collectors.joining(", "))
                        + (others <= 0
                                ? ""
                                : " and " + (others > MOST_COUNTED ? "more than " + MOST_COUNTED : others) + " more"));
    }
}
