package dev.iptunnel.pairing;

import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.IpPrefix;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** What two ends of a tunnel say differently, and what makes packets of one end get no answer. */
final class EndDifferences {
    private EndDifferences() {}

    /** One sentence for each, which begins with the field; {@code here} is the end whose object will have them. */
    static List<String> between(TunnelEnd here, TunnelEnd there) {
        List<String> differences = new ArrayList<>();
        if (here.mtu().isPresent() && there.mtu().isPresent() && !here.mtu().equals(there.mtu())) {
            differences.add("mtu: %d here, %d there: write the same spec.mtu at both ends"
                    .formatted(here.mtu().getAsInt(), there.mtu().getAsInt()));
        }
        if (!here.encapsulationLimit().equals(there.encapsulationLimit())) {
            differences.add("encapsulationLimit: %s here, %s there"
                    .formatted(here.encapsulationLimit(), there.encapsulationLimit()));
        }
        if (here.up() != there.up()) {
            differences.add(
                    "adminState: %s here, %s there".formatted(here.up() ? "Up" : "Down", there.up() ? "Up" : "Down"));
        }
        differences.addAll(innerDifferences(here, there));
        return List.copyOf(differences);
    }

    private static List<String> innerDifferences(TunnelEnd here, TunnelEnd there) {
        List<InetAddress> own = addresses(here);
        List<InetAddress> others = addresses(there);
        Optional<InetAddress> twice = own.stream().filter(others::contains).findFirst();
        if (twice.isPresent()) {
            return List.of("addresses: both ends have " + IpFamily.format(twice.get()) + ": change one");
        }
        if (here.inner().isEmpty() != there.inner().isEmpty()) {
            return List.of(
                    there.inner().isEmpty()
                            ? "routes: there is no way back, the other end has neither addresses nor routes"
                            : "routes: nothing leads into this end, which has neither addresses nor routes");
        }
        List<String> differences = new ArrayList<>();
        if (!leadsToAny(here, others)) {
            differences.add("addresses: no address or route here leads to " + text(others) + " of the other end");
        }
        if (!leadsToAny(there, own)) {
            differences.add("routes: there is no way back, no address or route there leads to " + text(own));
        }
        return differences;
    }

    private static List<InetAddress> addresses(TunnelEnd end) {
        return end.inner().stream().flatMap(way -> way.address().stream()).toList();
    }

    /**
     * Whether packets from this end get to one of these addresses, if there are any. An end without a network of its own
     * carries what others send: whether that comes back is not known here.
     */
    private static boolean leadsToAny(TunnelEnd end, List<InetAddress> addresses) {
        return addresses.isEmpty()
                || addresses(end).isEmpty()
                || isUnnumbered(end)
                || end.inner().stream().anyMatch(way -> addresses.stream().anyMatch(way.destination()::contains));
    }

    /** Whether it has routes, and no address that brings a network or a peer along. */
    private static boolean isUnnumbered(TunnelEnd end) {
        return end.inner().stream().anyMatch(way -> way.address().isEmpty())
                && end.inner().stream()
                        .allMatch(way -> way.address().isEmpty()
                                || way.address()
                                        .filter(own -> IpPrefix.host(own).equals(way.destination()))
                                        .isPresent());
    }

    private static String text(List<InetAddress> addresses) {
        return addresses.stream().map(IpFamily::format).collect(Collectors.joining(", "));
    }
}
