package dev.iptunnel.set.address;

import dev.iptunnel.set.ChildTunnel;
import dev.iptunnel.set.SetNames;
import dev.iptunnel.set.SetProblem;
import dev.iptunnel.tunnel.IpFamily;
import java.net.InetAddress;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The allocations of a set whose store is missing, read from its tunnels.
 *
 * @param problem tunnels that disagree: nothing of the set may be changed
 */
public record RebuiltAddresses(Allocations allocations, Optional<SetProblem> problem) {

    /** Reads what the set wrote into its tunnels ({@link SetNames#INNER_ADDRESS}). */
    public static RebuiltAddresses of(Collection<ChildTunnel> children) {
        Map<String, InetAddress> addresses = new TreeMap<>();
        Map<InetAddress, String> holders = new HashMap<>();
        for (ChildTunnel child : children.stream()
                .sorted(Comparator.comparing(ChildTunnel::name))
                .toList()) {
            String node = child.edge().node();
            Optional<InetAddress> own = written(child);
            if (own.isEmpty()) {
                continue;
            }
            InetAddress other = addresses.putIfAbsent(node, own.get());
            String holder = holders.putIfAbsent(own.get(), node);
            if (other != null && !other.equals(own.get())) {
                return disagree(
                        child,
                        "the tunnels of node " + node + " have " + IpFamily.format(other) + " and "
                                + IpFamily.format(own.get()) + " as its inner address");
            }
            if (holder != null && !holder.equals(node)) {
                return disagree(
                        child,
                        "the tunnels of nodes " + holder + " and " + node + " have the same inner address "
                                + IpFamily.format(own.get()));
            }
        }
        return new RebuiltAddresses(new Allocations(new TreeMap<>(addresses), List.of()), Optional.empty());
    }

    private static Optional<InetAddress> written(ChildTunnel child) {
        String text = child.annotations().getOrDefault(SetNames.INNER_ADDRESS, "");
        int end = text.indexOf('/');
        return end < 0 ? Optional.empty() : IpFamily.literal(text.substring(0, end));
    }

    private static RebuiltAddresses disagree(ChildTunnel child, String what) {
        return new RebuiltAddresses(
                Allocations.NONE,
                Optional.of(new SetProblem(
                        child.edge().node(),
                        child.name(),
                        "AddressesDisagree",
                        "the ConfigMap with the set's inner addresses is gone, and " + what
                                + ": restore the ConfigMap, or delete the IpTunnels with the wrong address; until then the"
                                + " set's tunnels stay as they are")));
    }
}
