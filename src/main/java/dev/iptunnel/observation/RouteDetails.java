package dev.iptunnel.observation;

import dev.iptunnel.tunnel.IpPrefix;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;

/**
 * What a route of the kernel's is beside what a route of an IpTunnel can say.
 *
 * @param preferredSource of packets that have none yet
 * @param from the network that packets have to come from
 * @param tos of the packets that it is for; 0 = of all
 * @param single it has this one next hop, and no next hop object
 * @param others what else it does, as ip-route(8) prints it
 */
public record RouteDetails(
        Kind kind,
        Optional<InetAddress> preferredSource,
        Optional<IpPrefix> from,
        int tos,
        boolean single,
        List<String> others) {
    /** What an IpTunnel asks for: a unicast route and nothing else. */
    public static final RouteDetails PLAIN =
            new RouteDetails(Kind.UNICAST, Optional.empty(), Optional.empty(), 0, true, List.of());

    public RouteDetails {
        others = List.copyOf(others);
    }

    /** {@code RTN_*}. */
    public enum Kind {
        UNICAST,
        LOCAL,
        BROADCAST,
        OTHER
    }

    /** Of every packet to the destination, to this interface as it is. */
    boolean isOrdinary() {
        return from.isEmpty() && tos == 0 && single && others.isEmpty();
    }

    /** What selects the route, as ip-route(8) takes it. */
    public String selector() {
        return from.map(prefix -> " from " + prefix).orElse("")
                + (tos == 0 ? "" : " tos 0x" + Integer.toHexString(tos));
    }
}
