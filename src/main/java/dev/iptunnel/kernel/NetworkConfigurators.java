package dev.iptunnel.kernel;

import static dev.iptunnel.netlink.message.MulticastGroup.IPV4_IFADDR;
import static dev.iptunnel.netlink.message.MulticastGroup.IPV4_ROUTE;
import static dev.iptunnel.netlink.message.MulticastGroup.IPV4_RULE;
import static dev.iptunnel.netlink.message.MulticastGroup.IPV6_IFADDR;
import static dev.iptunnel.netlink.message.MulticastGroup.IPV6_ROUTE;
import static dev.iptunnel.netlink.message.MulticastGroup.LINK;
import static dev.iptunnel.netlink.message.MulticastGroup.TC;

import dev.iptunnel.netlink.message.MulticastGroup;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Programs that configure the whole network of a node, such as systemd-networkd and NetworkManager. A pod cannot see
 * the processes of the node, but {@code /proc/net/netlink} lists the netlink groups of each socket of this network
 * namespace, and such programs listen to many groups at once.
 *
 * @param table that file, or one with the same format
 */
public record NetworkConfigurators(Path table) {
    private static final Path OF_THIS_NODE = Path.of("/proc/net/netlink");
    private static final String ROUTE = "0";
    private static final int PROTOCOL = 1;
    private static final int GROUPS = 3;
    private static final long ALL = Stream.of(LINK, TC, IPV4_IFADDR, IPV4_ROUTE, IPV4_RULE, IPV6_IFADDR, IPV6_ROUTE)
            .mapToLong(NetworkConfigurators::mask)
            .sum();

    /** Those of the network namespace of this process. */
    public static NetworkConfigurators ofThisNode() {
        return new NetworkConfigurators(OF_THIS_NODE);
    }

    private static long mask(MulticastGroup group) {
        return 1L << (group.number() - 1);
    }

    /** Whether such a program seems to run; false where the table is hidden. */
    public boolean seemToRun() {
        try (Stream<String> lines = Files.lines(table, StandardCharsets.ISO_8859_1)) {
            return lines.map(line -> List.of(line.strip().split("\\s+")))
                    .filter(fields ->
                            fields.size() > GROUPS && fields.get(PROTOCOL).equals(ROUTE))
                    .anyMatch(fields -> (Long.parseLong(fields.get(GROUPS), 16) & ALL) == ALL);
        } catch (IOException hidden) {
            return false;
        }
    }
}
