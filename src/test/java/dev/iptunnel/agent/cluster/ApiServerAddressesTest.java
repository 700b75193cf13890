package dev.iptunnel.agent.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.agent.cluster.ApiServerAddresses.Reached;
import dev.iptunnel.kernel.TcpConnections;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The listener hears of the servers that other programs of the node use, beside those of the agent. */
class ApiServerAddressesTest {
    private static final InetAddress VIP = InetAddress.ofLiteral("198.51.100.50");

    @Test
    void the_server_of_another_programs_connection_is_told_once(@TempDir Path folder) throws IOException {
        List<Reached> told = new ArrayList<>();
        try (FakeApiServer server = new FakeApiServer();
                ApiServerAddresses addresses = new ApiServerAddresses(
                        server.client(),
                        new ConnectedServers(
                                new TcpConnections(folder, ByteOrder.LITTLE_ENDIAN),
                                _ -> true,
                                (_, _) -> true,
                                () -> Instant.EPOCH),
                        told::add)) {
            addresses.refresh();
            Files.writeString(
                    folder.resolve("tcp"),
                    "   7: 0A0200C0:B5FB 326433C6:192B 01 00000000:00000000 00:00000000 00000000     0        0 6440452\n");
            addresses.refresh();
            addresses.refresh();
        }

        assertThat(told).hasSize(2);
        assertThat(told.getFirst().servers()).isNotEmpty();
        assertThat(told.getFirst().connected()).isEmpty();
        assertThat(told.getLast().servers()).isEqualTo(told.getFirst().servers());
        assertThat(told.getLast().connected()).containsExactly(VIP);
        assertThat(told.getLast().addresses())
                .contains(VIP)
                .containsAll(told.getFirst().servers().stream()
                        .map(InetSocketAddress::getAddress)
                        .toList());
    }
}
