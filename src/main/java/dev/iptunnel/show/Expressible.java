package dev.iptunnel.show;

import dev.iptunnel.observation.ObservedRoute;
import dev.iptunnel.observation.RouteDetails;
import dev.iptunnel.tunnel.IpFamily;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What a route has that no route of an IpTunnel can have. */
final class Expressible {
    private Expressible() {}

    /** In words; empty if a spec can express the route. */
    static Optional<String> lackOf(ObservedRoute route) {
        RouteDetails details = route.details();
        List<String> lacks = new ArrayList<>();
        if (details.kind() != RouteDetails.Kind.UNICAST) {
            lacks.add("type " + details.kind().toString().toLowerCase(Locale.ROOT));
        }
        details.preferredSource().ifPresent(source -> lacks.add("src " + IpFamily.format(source)));
        if (!details.selector().isEmpty()) {
            lacks.add(details.selector().strip());
        }
        if (!details.single()) {
            lacks.add("several next hops");
        }
        lacks.addAll(details.others());
        return lacks.isEmpty() ? Optional.empty() : Optional.of(String.join(", ", lacks));
    }
}
