package dev.iptunnel.observation;

import dev.iptunnel.tunnel.IpPrefix;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;

/**
 * The properties of a route in the kernel that a route of an IpTunnel cannot have.
 *
 * @param preferredSource the source of packets that have none yet
 * @param from the source network of the packets that it is for
 * @param tos the TOS of the packets that it is for; 0 = all packets
 * @param single whether it has only one next hop, and no next hop object
 * @param others all other properties, as ip-route(8) prints them
 */
public record RouteDetails(
        Kind kind,
        Optional<InetAddress> preferredSource,
        Optional<IpPrefix> from,
        int tos,
        boolean single,
        List<String> others) {
    /** The details of a route that an IpTunnel asks for: unicast, and nothing else. */
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

    /** Whether it sends every packet to the destination unchanged to this interface. */
    boolean isOrdinary() {
        return from.isEmpty() && tos == 0 && single && others.isEmpty();
    }

    /** The properties that select the route in a command, as ip-route(8) takes them. */
    public String selector() {
        return from.map(prefix -> " from " + prefix).orElse("")
                + (tos == 0 ? "" : " tos 0x" + Integer.toHexString(tos));
    }
}
