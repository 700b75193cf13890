package dev.iptunnel.kernel.read;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class Inet6SysctlsTest {
    private final AtomicLong now = new AtomicLong();

    @Test
    void a_directory_that_is_missing_is_looked_for_again_later(@TempDir Path directory) throws IOException {
        // given
        Inet6Sysctls sysctls = new Inet6Sysctls(directory, now::get);
        assertThat(sysctls.isWritable()).isFalse();

        // when
        Files.createDirectories(directory.resolve("conf/default"));
        Files.createFile(directory.resolve("conf/default/accept_ra"));

        // then
        now.addAndGet(Duration.ofMinutes(9).toNanos());
        assertThat(sysctls.isWritable()).isFalse();
        now.addAndGet(Duration.ofMinutes(1).toNanos());
        assertThat(sysctls.isWritable()).isTrue();
    }
}
