package dev.iptunnel.readiness;

import dev.iptunnel.observation.Observation;
import dev.iptunnel.observation.ObservedAddress;
import dev.iptunnel.observation.ObservedLink;
import dev.iptunnel.observation.ObservedRoute;
import dev.iptunnel.tunnel.DesiredTunnel;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Reports what others put on the tunnel's interface. The agent never removes it. */
public final class LeftAlone {
    private static final int MOST = 8;

    private LeftAlone() {}

    /**
     * The text for a message, in a stable order; empty if there is nothing. Of routes only the protocols, because routes
     * come and go.
     */
    public static Optional<String> report(DesiredTunnel desired, Observation observed) {
        List<String> all = observed.named().stream()
                .flatMap(link ->
                        Stream.of(master(desired, observed, link), addresses(desired, link), routes(desired, link)))
                .flatMap(each -> each)
                .distinct()
                .sorted()
                .toList();
        String report = all.stream().limit(MOST).collect(Collectors.joining(", "))
                + (all.size() > MOST ? " and " + (all.size() - MOST) + " more" : "");
        return report.isEmpty() ? Optional.empty() : Optional.of(report);
    }

    private static Stream<String> master(DesiredTunnel desired, Observation observed, ObservedLink link) {
        return link.master().stream()
                .filter(_ -> desired.vrf().isEmpty() || !observed.isInVrf(desired, link))
                .map(master -> "master " + master);
    }

    private static Stream<String> addresses(DesiredTunnel desired, ObservedLink link) {
        return link.addresses().stream()
                .filter(address -> !address.ours() && !address.isKernels())
                .map(ObservedAddress::address)
                .filter(address -> !desired.addresses().contains(address))
                .map(address -> "address " + address);
    }

    private static Stream<String> routes(DesiredTunnel desired, ObservedLink link) {
        return link.routes().stream()
                .filter(route -> !route.ours() && !route.isKernels())
                .filter(route -> desired.routes().stream()
                        .map(wanted -> wanted.in(link.vrfTable()))
                        .noneMatch(route::stands))
                .map(ObservedRoute::protocol)
                .map(protocol -> "routes of protocol " + protocol);
    }
}
