package dev.iptunnel.kernel;

import static dev.iptunnel.kernel.TunnelNode.tunnel;
import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.tunnel.ReversePathFilter;
import dev.iptunnel.tunnel.TunnelMode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the three settings of the reverse path filter do to packets out of a tunnel. */
@Tag("kernel")
class ReversePathKernelTest {
    @RegisterExtension
    @Order(1)
    final TunnelNode node = new TunnelNode();

    @RegisterExtension
    @Order(2)
    final Peer peer = new Peer();

    @ParameterizedTest
    @CsvSource({
        "DISABLED, IPIP, 0, 0",
        "LOOSE, IPIP, 0, 5",
        "STRICT, IPIP, 5, 5",
        "DISABLED, IPIP6, 0, 0",
        "LOOSE, IPIP6, 0, 5",
        "STRICT, IPIP6, 5, 5",
    })
    void packets_from_elsewhere_are_dropped_as_the_filter_says(
            ReversePathFilter filter, TunnelMode mode, int ofAnotherInterface, int ofNowhere) {
        Iproute2.batch("route add 10.66.0.1 via 192.0.2.2 dev under0");
        Peer.tunnel(mode);
        Peer.run("address add 10.66.0.1/32 dev lo", "address add 10.67.0.1/32 dev lo");

        node.program(tunnel("tun", mode).reversePathFilter(filter));

        assertThat(Peer.ping("10.9.0.1").answered()).isEqualTo(5);
        assertThat(droppedOfPingsFrom("10.66.0.1")).isEqualTo(ofAnotherInterface);
        assertThat(droppedOfPingsFrom("10.67.0.1")).isEqualTo(ofNowhere);
    }

    private static long droppedOfPingsFrom(String source) {
        long before = dropped();
        Peer.ping("-I", source, "10.9.0.1");
        return dropped() - before;
    }

    private static long dropped() {
        try {
            List<String> lines = Files.readAllLines(Path.of("/proc/net/netstat"));
            List<String> names = List.of(lines.get(0).split(" ", -1));
            return Long.parseLong(lines.get(1).split(" ", -1)[names.indexOf("IPReversePathFilter")]);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
