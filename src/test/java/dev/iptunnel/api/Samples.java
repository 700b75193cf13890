package dev.iptunnel.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The manifests in {@code deploy/samples}. */
public final class Samples {
    private static final Path TUNNELS = Path.of("deploy", "samples");
    private static final Path SETS = TUNNELS.resolve("sets");

    private Samples() {}

    /** IpTunnels; a file may have several. */
    public static List<Path> tunnels() throws IOException {
        return in(TUNNELS);
    }

    /** IpTunnelSets; a file has one. */
    public static List<Path> sets() throws IOException {
        return in(SETS);
    }

    static List<Path> all() throws IOException {
        return Stream.of(tunnels(), sets()).flatMap(List::stream).toList();
    }

    private static List<Path> in(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            List<Path> samples = files.filter(Files::isRegularFile).sorted().toList();
            assertThat(samples).isNotEmpty();
            return samples;
        }
    }
}
