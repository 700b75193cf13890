package dev.iptunnel.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NetworkConfiguratorsTest {
    private static final String HEADING =
            "sk               Eth Pid        Groups   Rmem     Wmem     Dump  Locks    Drops    Inode\n";

    private final Path folder;

    NetworkConfiguratorsTest(@TempDir Path folder) {
        this.folder = folder;
    }

    private boolean seemToRun(String sockets) throws IOException {
        return new NetworkConfigurators(Files.writeString(folder.resolve("netlink"), HEADING + sockets)).seemToRun();
    }

    @Test
    void systemd_networkd_252_is_told_by_what_it_listens_to() throws IOException {
        assertThat(
                        seemToRun(
                                """
                                0000000065e4541d 0   0          00000000 0        0        0     2        0        3
                                000000004dbe070c 0   697        800405dd 0        0        0     2        0        94
                                """))
                .isTrue();
    }

    @Test
    void a_listener_to_links_addresses_and_routes_alone_is_none() throws IOException {
        assertThat(seemToRun("000000004dbe070c 0   697        00040551 0        0        0     2        0        94\n"))
                .isFalse();
    }

    @Test
    void a_socket_of_another_netlink_protocol_is_none() throws IOException {
        assertThat(seemToRun("000000004dbe070c 15  697        ffffffff 0        0        0     2        0        94\n"))
                .isFalse();
    }

    @Test
    void there_seem_to_be_none_where_the_kernel_hides_the_table() {
        assertThat(new NetworkConfigurators(folder.resolve("absent")).seemToRun())
                .isFalse();
    }
}
