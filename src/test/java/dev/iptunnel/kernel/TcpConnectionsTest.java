package dev.iptunnel.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.kernel.TcpConnections.Connection;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The tables are those of Linux on x86_64. */
class TcpConnectionsTest {
    private static final String TCP =
            """
              sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode                                                     \s
               0: 336433C6:192B 00000000:0000 0A 00000000:00000001 00:00000000 00000000     0        0 6440457 2 0000000065087a58 100 0 0 10 0                   \s
               1: 0A0200C0:DE05 356433C6:192B 04 00000001:00000000 01:00000014 00000000     0        0 0 2 00000000a1dbd9fd 20 0 0 10 -1                         \s
               5: 0A0200C0:A685 346433C6:01BB 01 00000000:00000000 00:00000000 00000000     0        0 6440461 2 0000000067cc48a1 20 0 0 10 -1                   \s
               7: 0A0200C0:B5FB 326433C6:192B 01 00000000:00000000 00:00000000 00000000     0        0 6440452 2 00000000cdbf4730 20 0 0 10 -1                   \s
            """;
    /** The server's end of the connection to 198.51.100.50. */
    private static final String TCP_OF_SERVER =
            """
               2: 326433C6:192B 0A0200C0:B5FB 01 00000000:00000000 00:00000000 00000000     0        0 6440453 1 000000000faeca9e 20 0 0 10 -1                   \s
            """;

    private static final String TCP6 =
            """
              sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
               0: 00000000000000000000000000000000:280A 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 6440459 1 00000000922aedc6 100 0 0 10 0
               2: B80D012000000000000000000A000000:D04F B80D0120000001000000000050000000:192B 01 00000000:00000000 00:00000000 00000000     0        0 6440455 2 000000001f0fa4a1 20 0 0 10 -1
            """;
    private static final String TCP6_OF_IPV4 =
            """
               3: 0000000000000000FFFF00000A0200C0:AF37 0000000000000000FFFF0000336433C6:192B 01 00000000:00000000 00:00000000 00000000     0        0 6440458 2 000000005edb342b 20 0 0 10 -1
            """;
    private static final Connection FOUR = connection("192.0.2.10", "198.51.100.50", 6443);
    private static final Connection SIX = connection("2001:db8::a", "2001:db8:1::50", 6443);

    private final Path folder;

    TcpConnectionsTest(@TempDir Path folder) {
        this.folder = folder;
    }

    private static Connection connection(String local, String remote, int port) {
        return new Connection(InetAddress.ofLiteral(local), new InetSocketAddress(InetAddress.ofLiteral(remote), port));
    }

    private Set<Connection> connections(String tcp, String tcp6, Integer... ports) throws IOException {
        Files.writeString(folder.resolve("tcp"), tcp);
        Files.writeString(folder.resolve("tcp6"), tcp6);
        return new TcpConnections(folder, ByteOrder.LITTLE_ENDIAN).to(Set.of(ports));
    }

    @Test
    void established_connections_to_a_port_are_found_in_both_families() throws IOException {
        assertThat(connections(TCP, TCP6, 6443)).containsExactlyInAnyOrder(FOUR, SIX);
        assertThat(connections(TCP, TCP6, 443)).containsExactly(connection("192.0.2.10", "198.51.100.52", 443));
        assertThat(connections(TCP, TCP6, 443, 6443)).hasSize(3);
        assertThat(connections(TCP, TCP6, 6444)).isEmpty();
    }

    @Test
    void an_ipv4_connection_of_an_ipv6_socket_is_one_of_ipv4() throws IOException {
        assertThat(connections("", TCP6_OF_IPV4, 6443))
                .containsExactly(connection("192.0.2.10", "198.51.100.51", 6443));
    }

    @Test
    void a_connection_to_an_address_of_the_node_is_left_out() throws IOException {
        assertThat(connections(TCP + TCP_OF_SERVER, TCP6, 6443)).containsExactly(SIX);
    }

    @Test
    void a_connection_to_a_loopback_address_is_left_out() throws IOException {
        assertThat(connections(TCP.replace("326433C6", "0100007F"), "", 6443)).isEmpty();
    }

    @Test
    void a_hidden_table_has_no_connections() {
        assertThat(new TcpConnections(folder.resolve("none"), ByteOrder.nativeOrder()).to(Set.of(6443)))
                .isEmpty();
    }
}
