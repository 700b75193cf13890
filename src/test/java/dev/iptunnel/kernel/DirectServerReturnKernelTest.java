package dev.iptunnel.kernel;

import static dev.iptunnel.kernel.TunnelNode.tunnel;
import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.tunnel.ReversePathFilter;
import dev.iptunnel.tunnel.TunnelMode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * A back end as in deploy/samples/direct-server-return.yaml, and its neighbours on the uplink, the router of the clients
 * among them: the service's address is the balancer's, so the back end must not give it to them.
 */
@Tag("kernel")
class DirectServerReturnKernelTest {
    private static final String SERVICE = "192.0.2.80";
    private static final Path SETTINGS = Path.of("deploy/samples/node/90-direct-server-return.conf");
    private static final Pattern SETTING = Pattern.compile("(?m)^net\\.ipv4\\.conf\\.all\\.(\\w+) = (\\d)$");

    @RegisterExtension
    @Order(1)
    final TunnelNode node = new TunnelNode();

    @RegisterExtension
    @Order(2)
    final Peer peer = new Peer();

    @BeforeEach
    void make_the_back_end() throws IOException {
        set("arp_ignore", "0");
        set("arp_announce", "0");
        node.program(tunnel("tun", TunnelMode.IPIP)
                .remote("any")
                .addresses(SERVICE + "/32")
                .reversePathFilter(ReversePathFilter.DISABLED));
    }

    @AfterEach
    void reset() throws IOException {
        set("arp_ignore", "0");
        set("arp_announce", "0");
    }

    @Test
    void without_the_settings_the_uplink_answers_for_the_service() {
        assertThat(Peer.ping(SERVICE).answered()).isEqualTo(5);

        assertThat(neighbours()).contains(SERVICE);
    }

    @Test
    void with_the_settings_of_the_sample_the_uplink_does_not_answer_for_the_service() throws IOException {
        applySettings();

        assertThat(Peer.ping("-W", "1", SERVICE).answered()).isZero();
        assertThat(neighbours()).doesNotContain("lladdr");
        assertThat(Peer.ping("192.0.2.1").answered()).isEqualTo(5);
    }

    @Test
    void with_the_settings_of_the_sample_an_answer_to_a_client_does_not_tell_where_the_service_is() throws IOException {
        applySettings();
        Iproute2.batch("neigh flush dev under0");

        balance();

        assertThat(Peer.ping("-I", "192.0.2.2", SERVICE).answered()).isEqualTo(5);
        assertThat(neighbours()).doesNotContain(SERVICE);
    }

    /** The balancer, which is the client too: what it sends to the service goes by IPIP. */
    private static void balance() {
        Peer.run(
                "link add balance type ipip local 192.0.2.2 remote 192.0.2.1",
                "link set balance up",
                "route add " + SERVICE + "/32 dev balance src 192.0.2.2");
    }

    private static String neighbours() {
        return Iproute2.run("ip -netns " + Peer.NAMESPACE + " neigh show to " + SERVICE + " dev wire");
    }

    private static void applySettings() throws IOException {
        var settings = SETTING.matcher(Files.readString(SETTINGS)).results().toList();
        assertThat(settings).extracting(setting -> setting.group(1)).isEqualTo(List.of("arp_ignore", "arp_announce"));
        for (var setting : settings) {
            set(setting.group(1), setting.group(2));
        }
    }

    private static void set(String name, String value) throws IOException {
        Files.writeString(Path.of("/proc/sys/net/ipv4/conf/all", name), value);
    }
}
