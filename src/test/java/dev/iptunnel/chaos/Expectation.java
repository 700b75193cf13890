package dev.iptunnel.chaos;

import dev.iptunnel.chaos.NodeSnapshot.ShownLink;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What has to be true of one IpTunnel's interface and status, as the manifest and the node have it. */
sealed interface Expectation {
    String interfaceName();

    /**
     * The kernel can hold it.
     *
     * @param driver the kind that ip(8) prints
     * @param locals one of these; empty: any address, for the interface that it was taken from has none
     * @param data the other fields of the driver, as ip(8) prints them
     * @param addresses with prefix lengths, and no other but those of the kernel and of others
     * @param routes as {@link ShownRoute}s
     * @param carrier the interface that the outer packets leave by; empty: there is no way to the remote
     * @param notReady the reasons for which it may be not ready; empty: it has to be ready
     */
    record Held(
            String interfaceName,
            String uid,
            String driver,
            Set<String> locals,
            Map<String, String> data,
            int mtu,
            boolean up,
            Set<String> addresses,
            Set<ShownRoute> routes,
            Optional<ShownLink> carrier,
            Set<String> notReady)
            implements Expectation {}

    /** It cannot be programmed, for one of these reasons. */
    record Refused(String interfaceName, String uid, Set<String> reasons) implements Expectation {}

    /** What becomes of it depends on the order of events that a look does not know. */
    record Undetermined(String interfaceName, String uid) implements Expectation {}

    /** A route through a tunnel, in the words of ip-route(8). */
    record ShownRoute(String destination, String table, int metric) {}

    /** The reasons of a refusal for which an object is Stalled. */
    Set<String> STALLING = Set.of("InterfaceNameConflict", "EndpointConflict");
}
