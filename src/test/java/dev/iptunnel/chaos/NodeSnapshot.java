package dev.iptunnel.chaos;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A node's network as ip(8) prints it with {@code -d -j}.
 *
 * @param links by name
 * @param addresses of all interfaces, by the interface's name
 * @param routes of all tables and both families
 */
record NodeSnapshot(Map<String, ShownLink> links, Map<String, List<JsonNode>> addresses, List<JsonNode> routes) {
    /** The commands of {@code ip -batch} whose output {@link #parse} takes. */
    static final List<String> COMMANDS = List.of("link show", "address show", "route show table all");

    private static final ObjectMapper JSON = new ObjectMapper();

    /** A link, and what of it is compared. */
    record ShownLink(JsonNode json) {
        String name() {
            return json.path("ifname").asText();
        }

        boolean hasAlternativeName(String name) {
            return json.path("altnames")
                    .valueStream()
                    .anyMatch(alternative -> alternative.asText().equals(name));
        }

        int ifindex() {
            return json.path("ifindex").asInt();
        }

        int mtu() {
            return json.path("mtu").asInt();
        }

        boolean isUp() {
            return json.path("flags").valueStream().anyMatch(flag -> flag.asText()
                    .equals("UP"));
        }

        String operState() {
            return json.path("operstate").asText();
        }

        boolean isOperational() {
            return operState().equals("UP") || operState().equals("UNKNOWN");
        }

        String alias() {
            return json.path("ifalias").asText();
        }

        String kind() {
            return json.at("/linkinfo/info_kind").asText();
        }

        /** A field of the driver's; empty text where it has none. */
        String data(String field) {
            return json.at("/linkinfo/info_data/" + field).asText();
        }
    }

    /** @param output a line for each of {@link #COMMANDS} */
    static NodeSnapshot parse(List<String> output) {
        if (output.size() != COMMANDS.size()) {
            throw new IllegalArgumentException("ip printed " + output.size() + " lines: " + output);
        }
        Map<String, ShownLink> links = new LinkedHashMap<>();
        read(output.get(0)).forEach(link -> links.put(link.path("ifname").asText(), new ShownLink(link)));
        Map<String, List<JsonNode>> addresses = new LinkedHashMap<>();
        read(output.get(1))
                .forEach(link -> addresses.put(
                        link.path("ifname").asText(),
                        link.path("addr_info").valueStream().toList()));
        List<JsonNode> routes = new ArrayList<>();
        read(output.get(2)).forEach(routes::add);
        return new NodeSnapshot(links, addresses, routes);
    }

    private static JsonNode read(String line) {
        try {
            return JSON.readTree(line);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(line, e);
        }
    }

    /** By its name or one of its alternative names, which are in one space. */
    Optional<ShownLink> link(String name) {
        return Optional.ofNullable(links.get(name)).or(() -> links.values().stream()
                .filter(link -> link.hasAlternativeName(name))
                .findFirst());
    }

    /** @param name the interface's, or an alternative one */
    List<JsonNode> addressesOf(String name) {
        return addresses.getOrDefault(link(name).map(ShownLink::name).orElse(name), List.of());
    }

    Stream<JsonNode> routesOf(String name) {
        return routes.stream().filter(route -> route.path("dev").asText().equals(name));
    }

    /** Links with a mark of this manager, by name. */
    List<ShownLink> marked(String manager) {
        return links.values().stream()
                .filter(link -> link.alias().startsWith("iptunnel.dev/v1 manager=" + manager + " "))
                .sorted(Comparator.comparing(ShownLink::name))
                .toList();
    }

    /** On whatever interface: the kernel answers for an IPv4 address of one that is down. */
    boolean hasAddress(InetAddress address) {
        return addresses.values().stream().flatMap(List::stream).anyMatch(shown -> InetAddress.ofLiteral(
                        shown.path("local").asText())
                .equals(address));
    }

    /** The interface of the longest prefix of the main table; of one interface's routes where that is given. */
    Optional<ShownLink> routedDevice(InetAddress destination, Optional<String> only) {
        return routes.stream()
                .filter(route -> route.path("table").asText("main").equals("main"))
                .filter(route -> route.path("type").asText("unicast").equals("unicast"))
                .filter(route ->
                        only.isEmpty() || only.get().equals(route.path("dev").asText()))
                .filter(route -> prefix(route, destination).contains(destination))
                .max(Comparator.comparingInt(route -> prefix(route, destination).length()))
                .flatMap(route -> link(route.path("dev").asText()));
    }

    private static Prefix prefix(JsonNode route, InetAddress destination) {
        String gateway = route.path("gateway").asText();
        boolean ipv4 = gateway.isEmpty() ? destination.getAddress().length == 4 : !gateway.contains(":");
        return Prefix.of(route.path("dst").asText(), ipv4);
    }
}
