package dev.iptunnel.kernel;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.StreamSupport;

/** Types the commands of iproute2 and sysctl(8), and looks at the kernel with the same. */
final class Expert implements AutoCloseable {
    private static final int MOST_LOOKS = 100;
    private static final Path SETTINGS = Path.of("/proc/sys/net");

    private final IpBatch ip = new IpBatch();
    private final IpBatch ip6 = new IpBatch("-6");

    /** {@code ip …}, {@code ip -6 …} or {@code sysctl -w net.KEY=VALUE}. */
    void type(String command) {
        if (command.startsWith("sysctl -w net.")) {
            String[] setting = command.substring("sysctl -w net.".length()).split("=", 2);
            write(SETTINGS.resolve(setting[0].replace('.', '/')), setting[1]);
        } else if (command.startsWith("ip -6 ")) {
            ip6.run(command.substring("ip -6 ".length()));
        } else {
            ip.run(command.substring("ip ".length()));
        }
    }

    void type(List<String> commands) {
        commands.forEach(this::type);
    }

    /** All of one interface, once it is at rest: the kernel makes some IPv6 routes a moment after the address. */
    DeviceState look(String name) {
        DeviceState before = lookOnce(name);
        for (int looks = 1; looks < MOST_LOOKS; looks++) {
            DeviceState now = lookOnce(name);
            if (now.equals(before) && now.addresses().stream().noneMatch(address -> address.has("tentative"))) {
                return now;
            }
            before = now;
        }
        throw new AssertionError(name + " changes all the time: " + before);
    }

    private DeviceState lookOnce(String name) {
        ObjectNode link = only(ip.show("link show"), "ifname", name).getFirst();
        List<JsonNode> addresses = new ArrayList<>();
        for (JsonNode shown : only(ip.show("address show"), "ifname", name)) {
            shown.get("addr_info").forEach(addresses::add);
        }
        return DeviceState.of(
                link,
                addresses,
                only(ip.show("route show table all"), "dev", name),
                setting("ipv4/conf/" + name + "/rp_filter"),
                setting("ipv6/conf/" + name + "/mtu"));
    }

    private static List<ObjectNode> only(JsonNode shown, String field, String value) {
        return StreamSupport.stream(shown.spliterator(), false)
                .filter(entry -> entry.path(field).asText().equals(value))
                .map(ObjectNode.class::cast)
                .toList();
    }

    /** A number below {@code /proc/sys/net}. */
    static int setting(String path) {
        try {
            return Integer.parseInt(Files.readAllLines(SETTINGS.resolve(path)).getFirst());
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static void write(Path setting, String value) {
        try {
            Files.writeString(setting, value);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() {
        ip.close();
        ip6.close();
    }
}
