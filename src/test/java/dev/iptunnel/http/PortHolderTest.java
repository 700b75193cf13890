package dev.iptunnel.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import org.junit.jupiter.api.Test;

class PortHolderTest {
    @Test
    void the_process_that_listens_on_a_port_is_named() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            assertThat(PortHolder.of(taken.getLocalPort())).hasValueSatisfying(holder -> assertThat(holder)
                    .contains("pid " + ProcessHandle.current().pid() + " (")
                    .contains("uid "));
        }
    }
}
