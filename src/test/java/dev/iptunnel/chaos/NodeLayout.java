package dev.iptunnel.chaos;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.iptunnel.chaos.NodeSnapshot.ShownLink;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What a node has beside its uplink: two parents for tunnels, and interfaces of others that nobody may touch. */
final class NodeLayout {
    static final String UPLINK = "vec0";
    static final List<String> PARENTS = List.of("wan0", "wan1");
    /** An interface of others that is up, for routes and floods of theirs. */
    static final String BUSY = "busy0";

    /** The folder of the scripts that run something else on a node. */
    static final String BESIDE = Path.of(System.getenv().getOrDefault("CLUSTER", "e2e/cluster"))
            .toAbsolutePath()
            .resolveSibling("beside")
            .toString();

    private static final List<String> FOREIGN =
            List.of("lo", UPLINK, "tunl0", "sit0", "ip6tnl0", "theirs0", "theirs1", "theirs2", "theirs3", "theirs4");

    private NodeLayout() {}

    /** @param number 1 for node1 */
    static void setUp(NodeShell shell, int number) {
        for (String parent : PARENTS) {
            shell.run(makeParent(parent, number));
        }
        shell.run(
                """
                ip address add 10.77.0.10%1$d/24 dev vec0
                ip link set tunl0 up
                ip link set tunl0 down
                ip tunnel add theirs0 mode ipip local 10.77.0.%1$d remote 10.77.0.210 ttl 33
                ip address add 203.0.113.1/32 dev theirs0
                ip link set theirs0 up
                ip link add theirs1 type sit local 10.77.0.%1$d remote 10.77.0.211
                ip link add theirs2 type ip6tnl mode ip6ip6 local fd77::%1$d remote fd77::211
                ip address add 2001:db8:7::1/64 dev theirs2 nodad
                ip link set theirs2 up
                ip link add theirs3 type veth peer name theirs3p
                ip address add 203.0.113.9/30 dev theirs3
                ip link set theirs3p up
                ip link set theirs3 up
                ip route add 203.0.113.128/26 via 203.0.113.10 dev theirs3
                ip link add theirs4 type ipip local 10.77.0.%1$d remote 10.77.0.212
                ip link set theirs4 alias "iptunnel.dev/v1 manager=another-cluster uid=u deletion=Delete name=chaos%1$d-00"
                ip link set theirs4 up
                ip link add %2$s type veth peer name busy1
                ip link set busy1 up
                ip link set %2$s up
                """
                        .formatted(number, BUSY));
    }

    static String makeParent(String parent, int number) {
        return "ip link add %1$s type veth peer name %1$sp; ip link set %1$sp up; ip link set %1$s up; %2$s"
                .formatted(parent, addAddresses(parent, number));
    }

    /** @param number the last part of the addresses */
    static String addAddresses(String parent, int number) {
        String network = parent.equals("wan0") ? "99" : "98";
        return "ip address replace 10.%1$s.0.%2$d/24 dev %3$s; ip address replace fd%1$s::%2$d/64 dev %3$s nodad"
                .formatted(network, number, parent);
    }

    /** A CNI that carries the packets of pods by tunl0, between addresses that no tunnel has. */
    static String addCni(int number) {
        return "%1$s/fallback-cni up tunl0 %2$s/32 10.77.0.10%3$d 10.200.%3$d.0/24"
                .formatted(BESIDE, podAddress(number), 3 - number);
    }

    static String removeCni() {
        return BESIDE + "/fallback-cni down tunl0";
    }

    static boolean hasCni(NodeSnapshot node) {
        return !node.addressesOf("tunl0").isEmpty();
    }

    static String podAddress(int number) {
        return "10.200." + number + ".1";
    }

    /** All of the interfaces of others, by name, to be equal to what it was. */
    static Map<String, String> foreign(NodeSnapshot node) {
        Map<String, String> shown = new TreeMap<>();
        for (String name : FOREIGN) {
            List<JsonNode> all = new ArrayList<>();
            node.link(name).map(ShownLink::json).ifPresent(all::add);
            node.addressesOf(name).stream().map(NodeLayout::withoutLifetimes).forEach(all::add);
            node.routesOf(name).forEach(all::add);
            shown.put(name, all.toString());
        }
        return shown;
    }

    private static JsonNode withoutLifetimes(JsonNode address) {
        ObjectNode copy = address.deepCopy();
        copy.remove(List.of("valid_life_time", "preferred_life_time"));
        return copy;
    }
}
