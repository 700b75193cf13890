package dev.iptunnel.agent.confirm;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The present boot of the kernel. */
interface Boot {
    /** Changes with each boot. */
    String id();

    /** Seconds since the boot, suspends included. */
    double seconds();

    /** Of proc(5): {@code sys/kernel/random/boot_id}, and {@code uptime}, which is CLOCK_BOOTTIME of clock_gettime(2). */
    static Boot ofThisMachine() {
        return new Boot() {
            @Override
            public String id() {
                return read("sys/kernel/random/boot_id");
            }

            @Override
            public double seconds() {
                String uptime = read("uptime");
                return Double.parseDouble(uptime.substring(0, uptime.indexOf(' ')));
            }
        };
    }

    private static String read(String file) {
        try {
            return Files.readString(Path.of("/proc").resolve(file)).strip();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
