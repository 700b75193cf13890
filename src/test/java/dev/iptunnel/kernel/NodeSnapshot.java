package dev.iptunnel.kernel;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.iptunnel.tunnel.Mark;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** All devices of a network namespace as ip(8) shows them, by ifindex. */
record NodeSnapshot(List<Device> devices) {
    private static final int MOST_LOOKS = 200;

    /** Of this namespace, once it is at rest. */
    static NodeSnapshot take() {
        return of(NodeSnapshot::take);
    }

    /** Of this namespace as it is now. */
    static NodeSnapshot look() {
        return of(NodeSnapshot::look);
    }

    /** A process of ip(8) goes on with the names that it has seen: each time wants a new one. */
    private static NodeSnapshot of(Function<IpBatch, NodeSnapshot> way) {
        try (IpBatch ip = new IpBatch()) {
            return way.apply(ip);
        }
    }

    /** Once all is at rest: the kernel makes some IPv6 routes a moment after the address. */
    static NodeSnapshot take(IpBatch ip) {
        NodeSnapshot before = look(ip);
        for (int looks = 1; looks < MOST_LOOKS; looks++) {
            NodeSnapshot now = look(ip);
            if (now.equals(before) && !now.toString().contains("\"tentative\"")) {
                return now;
            }
            before = now;
        }
        throw new AssertionError("no rest: " + before);
    }

    private static NodeSnapshot look(IpBatch ip) {
        Map<String, List<JsonNode>> addresses = new HashMap<>();
        ip.show("address show").forEach(shown -> shown.path("addr_info").forEach(address -> addresses
                .computeIfAbsent(shown.get("ifname").asText(), _ -> new ArrayList<>())
                .add(address)));
        Map<String, List<JsonNode>> routes = new HashMap<>();
        ip.show("route show table all")
                .forEach(route -> routes.computeIfAbsent(route.path("dev").asText(), _ -> new ArrayList<>())
                        .add(route));
        List<Device> devices = new ArrayList<>();
        ip.show("link show").forEach(link -> {
            String name = link.get("ifname").asText();
            devices.add(new Device(
                    (ObjectNode) link,
                    addresses.getOrDefault(name, List.of()),
                    routes.getOrDefault(name, List.of()).stream()
                            .sorted(Comparator.comparing(JsonNode::toString))
                            .toList()));
        });
        devices.sort(Comparator.comparing(Device::ifindex));
        return new NodeSnapshot(devices);
    }

    Optional<Device> named(String name) {
        return devices.stream().filter(device -> device.name().equals(name)).findFirst();
    }

    @Override
    public String toString() {
        return devices.stream().map(Device::toString).collect(Collectors.joining("\n"));
    }

    /** A device, read without the project's decoders but for the mark. */
    record Device(ObjectNode link, List<JsonNode> addresses, List<JsonNode> routes) {
        int ifindex() {
            return link.get("ifindex").asInt();
        }

        String name() {
            return link.get("ifname").asText();
        }

        String alias() {
            return link.path("ifalias").asText();
        }

        int mtu() {
            return link.get("mtu").asInt();
        }

        boolean isUp() {
            return link.get("flags").toString().contains("\"UP\"");
        }

        String kind() {
            return link.at("/linkinfo/info_kind").asText();
        }

        /** The driver and what it was told. */
        JsonNode tunnel() {
            return link.path("linkinfo");
        }

        String remote() {
            return link.at("/linkinfo/info_data/remote").asText();
        }

        /** What the driver tells tunnels apart by. */
        List<String> endpoints() {
            JsonNode data = link.at("/linkinfo/info_data");
            return List.of(
                    kind(),
                    data.path("local").asText(),
                    data.path("remote").asText(),
                    data.path("link").asText("absent"));
        }

        /** Of our manager. */
        Optional<Mark> mark() {
            return Mark.parse(alias()).filter(mark -> mark.isOf(TunnelNode.MANAGER));
        }

        /** An agent died before it marked it; no other hand of a history gives a device a group. */
        boolean isHalfBorn() {
            return alias().isEmpty() && !link.path("group").asText("default").equals("default");
        }

        boolean isOf(HistoryObject object) {
            return mark().filter(mark -> mark.name().equals(object.name())).isPresent();
        }

        /** The addresses that a history's other hands give. */
        Set<String> foreignAddresses() {
            return addressTexts(text -> text.startsWith("10.200.") || text.startsWith("fd20:"));
        }

        boolean hasIpv4AddressOf(List<String> texts) {
            return !addressTexts(text -> !isIpv6(text) && texts.contains(text)).isEmpty();
        }

        boolean hasIpv4Address() {
            return !addressTexts(text -> !isIpv6(text)).isEmpty();
        }

        private Set<String> addressTexts(Predicate<String> which) {
            return addresses.stream()
                    .map(address -> address.get("local").asText() + "/"
                            + address.get("prefixlen").asInt()
                            + (address.has("address")
                                    ? " peer " + address.get("address").asText()
                                    : ""))
                    .filter(which)
                    .collect(Collectors.toCollection(TreeSet::new));
        }

        /** The routes that a history's other hands make. */
        Set<String> foreignRoutes() {
            return routeTexts(route -> route.get("protocol").asText().equals("bird"))
                    .collect(Collectors.toCollection(TreeSet::new));
        }

        /** What the kernel holds one route for, through whatever device: destination, table and metric. */
        Set<String> routeEntries() {
            return routeTexts(_ -> true).map(Device::entry).collect(Collectors.toSet());
        }

        private Stream<String> routeTexts(Predicate<JsonNode> which) {
            return routes.stream().filter(which).map(Device::text);
        }

        /** As the spec of an object is written; the kernel gives IPv6 routes without a metric 1024. */
        private static String text(JsonNode route) {
            int metric = route.path("metric").asInt();
            String table = route.get("table").asText();
            return route.get("dst").asText()
                    + (route.has("gateway") ? " via " + route.get("gateway").asText() : "")
                    + (table.equals("main") ? "" : " table " + table)
                    + (metric == 0 || metric == 1024 ? "" : " metric " + metric);
        }

        static String entry(String route) {
            return route.replaceFirst(" via \\S+", "");
        }

        static boolean isIpv6(String text) {
            return text.contains(":");
        }

        DeviceState state() {
            return DeviceState.of(link, addresses, routes, 0, 0).withoutKernelsOwn();
        }

        Device unmarked() {
            return new Device(link.deepCopy().without(List.of("ifalias")), addresses, routes);
        }

        @Override
        public String toString() {
            return "  " + link
                    + addresses.stream().map(address -> "\n    " + address).collect(Collectors.joining())
                    + routes.stream().map(route -> "\n    " + route).collect(Collectors.joining());
        }
    }
}
