package dev.iptunnel.agent.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.kernel.TcpConnections;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConnectedServersTest {
    private static final InetAddress NODE = InetAddress.ofLiteral("192.0.2.10");
    private static final InetAddress VIP = InetAddress.ofLiteral("198.51.100.50");

    private final Path folder;
    private final ConnectedServers servers;
    private Instant now = Instant.EPOCH;
    private boolean outside = true;
    private boolean ofCluster = true;
    private final List<InetSocketAddress> asked = new ArrayList<>();

    ConnectedServersTest(@TempDir Path folder) {
        this.folder = folder;
        servers = new ConnectedServers(
                new TcpConnections(folder, ByteOrder.LITTLE_ENDIAN),
                server -> {
                    asked.add(server);
                    return ofCluster;
                },
                (source, destination) -> outside && source.equals(NODE) && destination.equals(VIP),
                () -> now);
    }

    /** A connection from 192.0.2.10 to 198.51.100.50 at this port. */
    private void connectedTo(int port) throws IOException {
        Files.writeString(
                folder.resolve("tcp"),
                "   7: 0A0200C0:B5FB 326433C6:%04X 01 00000000:00000000 00:00000000 00000000     0        0 6440452\n"
                        .formatted(port));
    }

    private Set<InetAddress> look(String known, int port) {
        return servers.look(Set.of(new InetSocketAddress(InetAddress.ofLiteral(known), port)));
    }

    @Test
    void a_server_at_the_port_of_the_API_server_or_at_6443_counts() throws IOException {
        connectedTo(8443);
        assertThat(look("10.77.0.254", 16443)).isEmpty();
        assertThat(look("10.77.0.254", 8443)).containsExactly(VIP);
    }

    @Test
    void a_server_at_6443_counts_whatever_the_port_of_the_API_server_is() throws IOException {
        connectedTo(6443);

        assertThat(look("10.77.0.254", 443)).containsExactly(VIP);
    }

    @Test
    void a_server_at_443_does_not_count() throws IOException {
        connectedTo(443);

        assertThat(look("10.77.0.254", 443)).isEmpty();
    }

    @Test
    void a_server_that_is_known_is_not_given_again() throws IOException {
        connectedTo(6443);

        assertThat(look("198.51.100.50", 6443)).isEmpty();
    }

    @Test
    void a_server_of_another_cluster_does_not_count_and_is_asked_once_an_hour() throws IOException {
        connectedTo(6443);
        ofCluster = false;

        assertThat(look("10.77.0.254", 6443)).isEmpty();
        assertThat(look("10.77.0.254", 6443)).isEmpty();
        assertThat(asked).containsExactly(new InetSocketAddress(VIP, 6443));
        now = now.plus(ConnectedServers.KEPT).plusSeconds(1);
        ofCluster = true;

        assertThat(look("10.77.0.254", 6443)).containsExactly(VIP);
    }

    @Test
    void a_server_that_is_reached_through_a_tunnel_does_not_count() throws IOException {
        connectedTo(6443);
        outside = false;

        assertThat(look("10.77.0.254", 6443)).isEmpty();
    }

    @Test
    void a_server_counts_for_an_hour_after_its_last_connection_was_seen() throws IOException {
        connectedTo(6443);
        look("10.77.0.254", 6443);
        now = now.plus(Duration.ofMinutes(30));
        look("10.77.0.254", 6443);

        Files.delete(folder.resolve("tcp"));

        now = now.plus(ConnectedServers.KEPT);
        assertThat(look("10.77.0.254", 6443)).containsExactly(VIP);
        now = now.plusSeconds(1);
        assertThat(look("10.77.0.254", 6443)).isEmpty();
    }
}
