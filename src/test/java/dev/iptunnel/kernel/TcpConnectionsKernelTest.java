package dev.iptunnel.kernel;

import static dev.iptunnel.kernel.TunnelNode.tunnel;
import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.kernel.TcpConnections.Connection;
import dev.iptunnel.tunnel.InnerRoute;
import dev.iptunnel.tunnel.IpPrefix;
import dev.iptunnel.tunnel.TunnelMode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A program of the node, such as the kubelet, has a connection to an API server that the cluster does not tell of. */
@Tag("kernel")
class TcpConnectionsKernelTest {
    private static final int PORT = 6443;
    private static final String SERVER =
            """
            use IO::Socket::IP;
            my $server = IO::Socket::IP->new(LocalHost => $ARGV[0], LocalPort => $ARGV[1], Listen => 1) or die "listen: $@";
            $| = 1;
            print "listening\\n";
            my $client = $server->accept();
            <STDIN>;
            """;

    @RegisterExtension
    @Order(1)
    final TunnelNode node = new TunnelNode();

    @RegisterExtension
    @Order(2)
    final Peer peer = new Peer();

    @ParameterizedTest
    @CsvSource({
        "IPIP, 203.0.113.50, 192.0.2.2, 192.0.2.1, 10.9.0.1",
        "SIT, 3fff:50::50, 2001:db8::2, 2001:db8::1, fd09::1",
    })
    void a_connection_is_seen_and_whether_it_leaves_the_node_through_a_tunnel(
            TunnelMode mode, String server, String gateway, String own, String inner) throws IOException {
        InetAddress remote = InetAddress.ofLiteral(server);
        InetAddress local = InetAddress.ofLiteral(own);
        Peer.run("address add " + server + " dev lo");
        Iproute2.batch("route add " + server + " via " + gateway + " dev under0 metric 2000");
        Process listener = new ProcessBuilder(
                        "ip", "netns", "exec", Peer.NAMESPACE, "perl", "-e", SERVER, server, String.valueOf(PORT))
                .redirectErrorStream(true)
                .start();
        try {
            assertThat(listener.inputReader().readLine()).isEqualTo("listening");
            try (Socket socket = new Socket(remote, PORT, local, 0)) {
                assertThat(socket.isConnected()).isTrue();
                assertThat(TcpConnections.ofThisNode().to(Set.of(PORT)))
                        .containsExactly(new Connection(local, new InetSocketAddress(remote, PORT)));
            }
        } finally {
            listener.destroy();
        }
        assertThat(TcpConnections.ofThisNode().to(Set.of(PORT))).isEmpty();
        assertThat(node.kernel.leavesOutsideTunnels(local, remote)).isTrue();
        assertThat(node.kernel.leavesOutsideTunnels(InetAddress.ofLiteral(inner), remote))
                .as("from an address that is gone")
                .isFalse();

        node.program(tunnel("tun", mode));
        assertThat(node.kernel.leavesOutsideTunnels(local, remote)).isTrue();
        assertThat(node.kernel.leavesOutsideTunnels(InetAddress.ofLiteral(inner), remote))
                .as("from the tunnel's address")
                .isFalse();

        node.program(tunnel("tun", mode)
                .routes(new InnerRoute(IpPrefix.host(remote), Optional.empty(), InnerRoute.MAIN_TABLE, 0)));
        assertThat(node.kernel.leavesOutsideTunnels(local, remote))
                .as("by the tunnel's route")
                .isFalse();
    }
}
