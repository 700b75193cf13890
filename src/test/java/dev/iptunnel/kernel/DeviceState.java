package dev.iptunnel.kernel;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Comparator;
import java.util.List;

/**
 * An interface as ip(8) shows it, without what differs between two that are alike: names, indexes, the protocol numbers
 * that say who put an address or a route there, the link-local addresses that the kernel draws by lot, and the bounds of
 * the MTU, which {@code ipip} lacks where {@code RTM_NEWLINK} made it.
 *
 * @param ipv6Mtu {@code net.ipv6.conf.NAME.mtu}, which may lag behind the link's
 */
record DeviceState(
        int ifindex, ObjectNode link, List<JsonNode> addresses, List<JsonNode> routes, int rpFilter, int ipv6Mtu) {

    static DeviceState of(
            ObjectNode link,
            List<? extends JsonNode> addresses,
            List<? extends JsonNode> routes,
            int rpFilter,
            int ipv6Mtu) {
        boolean randomLinkLocal = link.at("/linkinfo/info_kind").asText().equals("ip6tnl");
        return new DeviceState(
                link.get("ifindex").asInt(),
                without(link, "ifindex", "ifname", "ifalias", "permaddr", "min_mtu", "max_mtu"),
                addresses.stream()
                        .map(address -> (JsonNode) without(address, "label", "protocol"))
                        .filter(address -> !randomLinkLocal || !isLinkLocal(address, "local"))
                        .toList(),
                routes.stream()
                        .map(route -> (JsonNode) without(route, "dev", "protocol"))
                        .filter(route -> !randomLinkLocal
                                || !route.get("type").asText().equals("local")
                                || !isLinkLocal(route, "dst"))
                        .toList(),
                rpFilter,
                ipv6Mtu);
    }

    /** Whether the other is the same, its ifindex apart. */
    boolean isLike(DeviceState other) {
        return link.equals(other.link)
                && addresses.equals(other.addresses)
                && routes.equals(other.routes)
                && rpFilter == other.rpFilter
                && ipv6Mtu == other.ipv6Mtu;
    }

    /**
     * Without what the kernel adds of its own accord when an interface comes up, and leaves there when it is changed or
     * goes down; the rest sorted, for the order is that of the additions.
     */
    DeviceState withoutKernelsOwn() {
        return new DeviceState(
                ifindex,
                without(link, "qdisc"),
                sorted(addresses.stream()
                        .filter(address -> !isLinkLocal(address, "local") && !isCompatible(address))
                        .toList()),
                sorted(routes.stream()
                        .filter(route -> !isLinkLocal(route, "dst")
                                && !route.get("dst").asText().startsWith("ff00::")
                                && !route.get("dst").asText().startsWith("::"))
                        .toList()),
                rpFilter,
                ipv6Mtu);
    }

    DeviceState withRpFilter(int value) {
        return new DeviceState(ifindex, link, addresses, routes, value, ipv6Mtu);
    }

    private static List<JsonNode> sorted(List<JsonNode> nodes) {
        return nodes.stream().sorted(Comparator.comparing(JsonNode::toString)).toList();
    }

    private static ObjectNode without(JsonNode node, String... fields) {
        return ((ObjectNode) node.deepCopy()).remove(List.of(fields));
    }

    private static boolean isLinkLocal(JsonNode node, String field) {
        return node.get(field).asText().startsWith("fe80:");
    }

    /** {@code ::a.b.c.d/96}, as sit makes of a local address where there is no remote. */
    private static boolean isCompatible(JsonNode address) {
        return address.get("local").asText().startsWith("::")
                && address.get("prefixlen").asInt() == 96;
    }

    @Override
    public String toString() {
        return "link " + link + "\naddresses " + addresses + "\nroutes " + routes + "\nrp_filter " + rpFilter
                + ", IPv6 mtu " + ipv6Mtu;
    }
}
