package dev.iptunnel.diagnosis;

import dev.iptunnel.observation.Observation.OuterPath;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The way of a tunnel's outer packets.
 *
 * @param known whether there is a remote to look up
 * @param path the answer to the look-up that the driver makes
 * @param refused what the node does with the packets if there is no route: {@code unreachable}, {@code blackhole}, {@code
 *     prohibit}, or {@code none}
 * @param assumed whether the kernel has no route, and takes the remote to be on the link of the parent, as IPv4 does
 * @param route the route, as ip-route(8) prints it, without the destination
 * @param table the table that it is in, 0 if there is none
 * @param unboundDevice the interface by which a packet to the remote leaves that is bound to no parent
 * @param mainRoute the route of the main table, if another table or no route decides
 * @param rules of others, as {@code 100: lookup 1000}
 * @param mtu of the route itself, or a path MTU that the node has learnt
 * @param learnt whether the MTU was learnt from the path
 */
public record WayFacts(
        boolean known,
        OuterPath path,
        String refused,
        boolean assumed,
        String route,
        long table,
        Optional<String> unboundDevice,
        Optional<String> mainRoute,
        List<String> rules,
        OptionalInt mtu,
        boolean learnt) {
    public WayFacts {
        rules = List.copyOf(rules);
    }
}
