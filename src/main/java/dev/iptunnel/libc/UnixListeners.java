package dev.iptunnel.libc;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Lists abstract unix sockets of this network namespace that processes listen on, from {@code /proc/net/unix}, see
 * proc(5).
 */
final class UnixListeners {
    private static final Path TABLE = Path.of("/proc/net/unix");
    private static final int FLAGS = 3;
    private static final int PATH = 7;
    private static final String ACCEPTS = "00010000";

    private UnixListeners() {}

    /** The names that begin with the prefix; none where the table is hidden. */
    static List<String> startingWith(String prefix) {
        try (Stream<String> lines = Files.lines(TABLE, StandardCharsets.ISO_8859_1)) {
            return lines.map(line -> line.strip().split("\\s+", PATH + 1))
                    .filter(fields -> fields.length > PATH && fields[FLAGS].equals(ACCEPTS))
                    .map(fields -> fields[PATH])
                    .filter(path -> path.startsWith("@" + prefix))
                    .map(path -> path.substring(1))
                    .toList();
        } catch (IOException hidden) {
            return List.of();
        }
    }
}
