package dev.iptunnel.kernel.examine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProcFilesTest {
    private final Path root;

    ProcFilesTest(@TempDir Path root) {
        this.root = root;
    }

    private void file(String name, String content) throws IOException {
        Path file = root.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, content);
    }

    @Test
    void a_counter_is_found_by_its_name_in_its_group() throws IOException {
        file("proc/net/snmp", "Ip: InHdrErrors InAddrErrors\nIp: 3 4\nIcmp: InMsgs InDestUnreachs\nIcmp: 5 6\n");
        file("proc/net/snmp6", "Ip6InReceives                   \t7\nIcmp6InDestUnreachs             \t8\n");
        ProcFiles files = new ProcFiles(root);

        assertThat(files.counter("snmp", "Ip:", "InAddrErrors")).isEqualTo(4);
        assertThat(files.counter("snmp", "Icmp:", "InDestUnreachs")).isEqualTo(6);
        assertThat(files.counter("snmp", "Icmp:", "InAddrErrors")).isZero();
        assertThat(files.counter("snmp6", "Icmp6InDestUnreachs")).isEqualTo(8);
        assertThat(files.counter("netstat", "TcpExt:", "IPReversePathFilter")).isZero();
    }

    @Test
    void a_module_is_found_among_those_that_can_be_loaded_and_those_that_are_built_in() throws IOException {
        ProcFiles files = new ProcFiles(root);
        assertThat(files.canLoad("6.1", "ipip")).isEmpty();

        file("lib/modules/6.1/modules.dep", "kernel/net/ipv4/ipip.ko.xz: kernel/net/ipv4/tunnel4.ko.xz\n");
        file("lib/modules/6.1/modules.builtin", "kernel/net/ipv6/sit.ko\n");

        assertThat(files.canLoad("6.1", "ipip")).contains(true);
        assertThat(files.canLoad("6.1", "sit")).contains(true);
        assertThat(files.canLoad("6.1", "tunnel4")).contains(false);
        assertThat(files.canLoad("6.1", "ip6_tunnel")).contains(false);
    }

    @Test
    void a_setting_that_cannot_be_read_is_missing() throws IOException {
        file("proc/sys/net/ipv4/conf/all/rp_filter", "2\n");

        assertThat(new ProcFiles(root).setting("ipv4/conf/all/rp_filter")).contains(2);
        assertThat(new ProcFiles(root).setting("ipv4/conf/gone/rp_filter")).isEmpty();
    }
}
