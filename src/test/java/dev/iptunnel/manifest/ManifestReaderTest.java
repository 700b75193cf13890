package dev.iptunnel.manifest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.agent.Tunnels;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The documents of a file, and what is said of those that are no IpTunnels. */
class ManifestReaderTest {
    private static final String TUNNEL =
            """
            apiVersion: iptunnel.dev/v1alpha1
            kind: IpTunnel
            metadata: {name: NAME}
            spec:
              nodeName: node1
              mode: ipip
              local: 192.0.2.1
              remote: 192.0.2.2
            """;

    private static String tunnel(String name) {
        return TUNNEL.replace("NAME", name);
    }

    private static Manifests read(String text) {
        return ManifestReader.readText("tunnels.yaml", text);
    }

    @Test
    void documents_and_lists_are_read_with_their_places() {
        String list = "kind: List\nitems:\n- " + tunnel("c").indent(2).strip() + "\n- "
                + tunnel("d").indent(2).strip() + "\n";

        Manifests read = read("# a comment\n---\n" + tunnel("a") + "---\n" + tunnel("b") + "---\n" + list);

        assertThat(read.problems()).isEmpty();
        assertThat(read.tunnels().stream().map(manifest -> manifest.name() + " in " + manifest.place()))
                .containsExactly(
                        "a in tunnels.yaml, document 1, line 3",
                        "b in tunnels.yaml, document 2, line 12",
                        "c in tunnels.yaml, document 3, line 23",
                        "d in tunnels.yaml, document 3, line 31");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "remote: 192.0.2.2 | remot: 192.0.2.2 | line 8: spec.remot is unknown: did you mean spec.remote?",
                "mode: ipip | mod: ipip | line 6: spec.mod is unknown: did you mean spec.mode?",
                "mode: ipip | colour: red | line 6: spec.colour is unknown: the fields are addresses, adminState",
                "spec: | specs: | line 4: specs is unknown: did you mean spec?",
                "{name: NAME} | {nam: x} | line 3: metadata.nam is unknown: did you mean metadata.name?",
                "kind: IpTunnel | kind: Iptunel | line 1: kind is \"Iptunel\": did you mean IpTunnel?",
                "kind: IpTunnel | kind: IpTunnelSet | line 1: is an IpTunnelSet, from which the controller of a cluster makes IpTunnels: apply it with kubectl apply -f",
                "kind: IpTunnel | kind: ConfigMap | line 1: is no IpTunnel, but a ConfigMap: write kind: IpTunnel",
                "iptunnel.dev/v1alpha1 | iptunnel.dev/v1 | line 1: apiVersion is \"iptunnel.dev/v1\": write apiVersion: iptunnel.dev/v1alpha1",
                "mode: ipip | mode: [ipip | line 7: is no YAML",
                "mode: ipip | remote: 192.0.2.9 | line 8: spec.remote is there twice, first in line 6",
            })
    void what_is_wrong_is_said_with_the_line_and_does_not_stop_the_next_document(
            String right, String wrong, String message) {
        Manifests read = read(TUNNEL.replace(right, wrong).replace("NAME", "a") + "---\n" + tunnel("b"));

        assertThat(read.problems().getFirst().toString()).startsWith("tunnels.yaml, document 1, " + message);
        assertThat(read.tunnels()).singleElement().extracting(Manifest::name).isEqualTo("b");
    }

    @Test
    void a_document_that_is_nested_too_deeply_is_a_problem_and_does_not_stop_the_next_one() {
        Manifests read = read("[".repeat(100_000) + "\n---\n" + tunnel("a"));

        assertThat(read.problems())
                .singleElement()
                .hasToString("tunnels.yaml, document 1, line 1: is nested too deeply");
        assertThat(read.tunnels()).singleElement().extracting(Manifest::name).isEqualTo("a");
    }

    @Test
    void a_file_that_is_missing_is_a_problem_and_an_empty_directory_is_none(@TempDir Path folder) {
        Manifests read = ManifestReader.read(
                List.of(folder.resolve("missing.yaml").toString(), folder.toString()), InputStream.nullInputStream());

        assertThat(read.tunnels()).isEmpty();
        assertThat(read.problems())
                .singleElement()
                .hasToString(folder.resolve("missing.yaml") + ": there is no such file");
    }

    @Test
    void a_name_that_is_there_twice_and_other_nodes_are_told_apart() {
        Manifests read =
                read(tunnel("a") + "---\n" + tunnel("a") + "---\n" + tunnel("b").replace("node1", "node2"));

        NodeManifests node = NodeManifests.of(read, "node1", Tunnels.READER);

        assertThat(node.wanted())
                .singleElement()
                .extracting(NodeManifests.Wanted::name)
                .isEqualTo("a");
        assertThat(node.ofOtherNodes())
                .singleElement()
                .extracting(Manifest::name)
                .isEqualTo("b");
        assertThat(node.problems())
                .singleElement()
                .hasToString(
                        "tunnels.yaml, document 2, line 10: metadata.name: \"a\" is also in tunnels.yaml, document 1,"
                                + " line 1: leave one of the two out, or give it another name");
        assertThat(node.names()).containsExactlyInAnyOrder("a", "b");
    }

    @Test
    void the_UID_of_a_name_is_always_the_same() {
        assertThat(ManifestReader.uid("to-berlin")).isEqualTo(ManifestReader.uid("to-berlin"));
        assertThat(ManifestReader.uid("to-berlin")).isNotEqualTo(ManifestReader.uid("to-paris"));
    }
}
