package dev.iptunnel.http;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The listener on a TCP port of this network namespace ({@code /proc/net/tcp} in proc(5)): always its user, and its
 * process if this process may see it.
 */
record PortHolder(String uid, String inode) {
    private static final String LISTENING = "0A";
    private static final List<Path> TABLES = List.of(Path.of("/proc/net/tcp"), Path.of("/proc/net/tcp6"));

    static Optional<String> of(int port) {
        return TABLES.stream()
                .flatMap(PortHolder::lines)
                .map(line -> line.strip().split("\\s+"))
                .filter(fields ->
                        fields.length > 9 && fields[3].equals(LISTENING) && fields[1].endsWith(":%04X".formatted(port)))
                .map(fields -> new PortHolder(fields[7], fields[9]))
                .findFirst()
                .map(PortHolder::described);
    }

    private String described() {
        return "%sa process of uid %s"
                .formatted(process().map(process -> process + ", ").orElse(""), uid);
    }

    private Optional<String> process() {
        return list(Path.of("/proc"))
                .filter(folder -> folder.getFileName().toString().matches("\\d+"))
                .filter(folder -> list(folder.resolve("fd")).anyMatch(this::isSocket))
                .findFirst()
                .map(folder -> "pid %s (%s)"
                        .formatted(
                                folder.getFileName(),
                                lines(folder.resolve("comm")).findFirst().orElse("?")));
    }

    private boolean isSocket(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).toString().equals("socket:[" + inode + "]");
        } catch (IOException gone) {
            return false;
        }
    }

    private static Stream<Path> list(Path folder) {
        try (Stream<Path> paths = Files.list(folder)) {
            return paths.toList().stream();
        } catch (IOException hidden) {
            return Stream.empty();
        }
    }

    private static Stream<String> lines(Path file) {
        try {
            return Files.readAllLines(file).stream();
        } catch (IOException hidden) {
            return Stream.empty();
        }
    }
}
