package dev.iptunnel.cli;

import dev.iptunnel.manifest.ManifestReader;
import dev.iptunnel.manifest.Manifests;
import dev.iptunnel.manifest.NodeManifests;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Option;

/** The files with manifests. */
final class FileOptions {
    @Option(
            names = {"-f", "--filename"},
            paramLabel = "FILE",
            description =
                    "A file with IpTunnels in YAML or JSON, a directory of such files (.yaml, .yml, .json), or - for the"
                            + " standard input. May be given several times.")
    private List<Path> files = List.of();

    boolean isEmpty() {
        return files.isEmpty();
    }

    /** Whether manifests are read from the standard input. */
    boolean isStandardInput() {
        return files.stream().map(Path::toString).anyMatch("-"::equals);
    }

    Manifests read() {
        return ManifestReader.read(files.stream().map(Path::toString).toList(), System.in);
    }

    /** What they ask of this node. */
    NodeManifests read(NodeOptions node) {
        return NodeManifests.of(read(), node.nodeName(), node.reader());
    }
}
