package dev.iptunnel.manifest;

import java.util.List;

/**
 * What was read from files.
 *
 * @param tunnels in the order of the files
 * @param problems of the files and documents that could not be read
 */
public record Manifests(List<Manifest> tunnels, List<Problem> problems) {
    public Manifests {
        tunnels = List.copyOf(tunnels);
        problems = List.copyOf(problems);
    }
}
