package dev.iptunnel.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

class MapCommandTest {
    private static final String TUNNELS =
            """
            apiVersion: v1
            kind: List
            items:
            - apiVersion: iptunnel.dev/v1alpha1
              kind: IpTunnel
              metadata: {name: to-b, generation: 2}
              spec: {nodeName: a, mode: ipip, localFrom: {type: NodeAddress}, remote: 192.0.2.2}
              status:
                observedGeneration: 2
                local: 192.0.2.1
                conditions: [{type: Ready, status: "False", reason: ParentDown}]
            - apiVersion: iptunnel.dev/v1alpha1
              kind: IpTunnel
              metadata: {name: to-a, generation: 2}
              spec: {nodeName: b, mode: ipip, local: 192.0.2.2, remote: 192.0.2.1, ofANewerVersion: [1]}
              status: {observedGeneration: 1, conditions: [{type: Ready, status: "True", reason: TunnelUp}]}
            - apiVersion: iptunnel.dev/v1alpha1
              kind: IpTunnel
              metadata: {name: spare}
              spec: {nodeName: b, mode: ipip, local: 192.0.2.2, remote: 192.0.2.3, adminState: Down}
              status: {conditions: [{type: Ready, status: "True", reason: AdministrativelyDown}]}
            - apiVersion: v1
              kind: Node
              metadata: {name: c}
              status: {addresses: [{type: InternalIP, address: 192.0.2.3}]}
            """;

    private static final String CHART =
            """
            flowchart LR
            %% 3 IpTunnels on 3 nodes, drawn as 2 lines
              n0("a")
              n1("b")
              n2("c")
              n0 ===|"to-b: not ready, ParentDown<br/>to-a: unknown"| n1
              n1 -.-|"spare: set down, AdministrativelyDown<br/>no tunnel leads back"| n2
              linkStyle 1 stroke:#5f6b7a
              linkStyle 0 stroke:#c62828
            """;

    @TempDir
    Path folder = Path.of("");

    private record Ended(int code, String output, String errors) {}

    private static Ended map(String... arguments) {
        StringWriter output = new StringWriter();
        StringWriter errors = new StringWriter();
        int code = new CommandLine(new MapCommand())
                .setOut(new PrintWriter(output))
                .setErr(new PrintWriter(errors, true))
                .execute(arguments);
        return new Ended(code, output.toString(), errors.toString());
    }

    private String file(String text) throws IOException {
        return Files.writeString(folder.resolve("tunnels"), text).toString();
    }

    @Test
    void tunnels_of_a_list_are_drawn_with_their_states_and_nodes_by_their_addresses() throws IOException {
        Ended ended = map("-o", "mermaid", "-f", file(TUNNELS));

        assertThat(ended).isEqualTo(new Ended(0, CHART, ""));
    }

    @Test
    void manifests_one_after_the_other_and_lists_of_the_kind_are_read_from_the_standard_input() {
        String documents = TUNNELS.substring(TUNNELS.indexOf("- "))
                .replaceAll("(?m)^- ", "---\n  ")
                .replaceAll("(?m)^  ", "");

        assertThat(fromStandardInput(documents)).isEqualTo(CHART);
        assertThat(
                        fromStandardInput(
                                """
                        {"apiVersion": "iptunnel.dev/v1alpha1", "kind": "IpTunnelList", "items": [
                         {"metadata": {"name": "x"}, "spec": {"nodeName": "a", "remote": "192.0.2.2"}}]}
                        """))
                .contains("x: unknown");
    }

    private static String fromStandardInput(String text) {
        InputStream before = System.in;
        System.setIn(new ByteArrayInputStream(text.getBytes(UTF_8)));
        try {
            return map("-o", "mermaid", "-f", "-").output();
        } finally {
            System.setIn(before);
        }
    }

    @Test
    void a_mesh_of_a_set_is_drawn_with_one_line_for_each_pair() throws IOException {
        String mesh = IntStream.rangeClosed(1, 3)
                .boxed()
                .flatMap(node -> IntStream.rangeClosed(1, 3)
                        .filter(peer -> peer != node)
                        .mapToObj(peer ->
                                """
                                - apiVersion: iptunnel.dev/v1alpha1
                                  kind: IpTunnel
                                  metadata:
                                    name: backbone-node%1$d-node%2$d
                                    labels: {iptunnel.dev/set: backbone}
                                    ownerReferences:
                                    - {apiVersion: iptunnel.dev/v1alpha1, kind: IpTunnelSet, name: backbone, uid: u, controller: true}
                                  spec:
                                    nodeName: node%1$d
                                    mode: ipip
                                    local: 192.0.2.%1$d
                                    remote: 192.0.2.%2$d
                                    addresses: [{address: 10.200.0.%1$d/32, peer: 10.200.0.%2$d}]
                                """
                                        .formatted(node, peer)))
                .collect(Collectors.joining("", "apiVersion: v1\nkind: List\nitems:\n", ""));

        Ended ended = map("-o", "mermaid", "-f", file(mesh));

        assertThat(ended.output()).contains("%% 6 IpTunnels on 3 nodes, drawn as 3 lines");
        assertThat(ended.output().lines().filter(line -> line.contains("|\"")))
                .hasSize(3)
                .allMatch(line -> line.contains("<br/>backbone-node"));
    }

    @Test
    void an_empty_list_is_a_picture_of_nothing() throws IOException {
        Ended ended = map("-f", file("{\"apiVersion\": \"v1\", \"kind\": \"List\", \"items\": []}"));

        assertThat(ended.code()).isZero();
        assertThat(ended.output()).contains("no IpTunnels");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "hello | holds no IpTunnel: write the output of `kubectl get ipt -o json`",
                "'' | holds no IpTunnel: write the output of `kubectl get ipt -o json`",
                "'apiVersion: v1\nkind: Node\nmetadata: {name: a}' | holds no IpTunnel",
                "{\"kind\": \"List\", | cannot be read: Unexpected end-of-input",
                "'a: [1' | cannot be read: while parsing a flow sequence",
                "'apiVersion: iptunnel.dev/v1alpha1\nkind: IpTunnel\nspec: 3' | cannot be read: Cannot construct instance"
            })
    void a_file_that_holds_no_IpTunnels_gets_one_line(String text, String expected) throws IOException {
        String file = file(text);

        Ended ended = map("-f", file);

        assertThat(ended.code()).isEqualTo(1);
        assertThat(ended.output()).isEmpty();
        assertThat(ended.errors().lines())
                .singleElement()
                .asString()
                .startsWith("iptunnel map: " + file + " " + expected);
    }

    @Test
    void a_file_that_is_not_there_gets_one_line() {
        Ended ended = map("-f", "/nonexistent/tunnels.json");

        assertThat(ended.code()).isEqualTo(1);
        assertThat(ended.errors())
                .isEqualTo("iptunnel map: /nonexistent/tunnels.json cannot be read: there is no such file\n");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"hello", "'a: [1'", "''", "{kind: Config, current-context: x}", "{\"kind\": "})
    void a_broken_kubeconfig_gets_one_line(String text) throws IOException {
        String file = file(text);

        Ended ended = map("--kubeconfig", file);

        assertThat(ended.code()).isEqualTo(1);
        assertThat(ended.output()).isEmpty();
        assertThat(ended.errors().lines())
                .singleElement()
                .asString()
                .startsWith("iptunnel map: the kubeconfig " + file + " cannot be used: ");
    }

    @Test
    void a_kubeconfig_that_is_not_there_gets_one_line() {
        Ended ended = map("--kubeconfig", "/nonexistent/config");

        assertThat(ended.errors())
                .isEqualTo("iptunnel map: the kubeconfig /nonexistent/config cannot be used: there is no such file\n");
    }

    @Test
    void an_API_server_that_does_not_answer_gets_one_line() throws IOException {
        String kubeconfig = file(
                """
                apiVersion: v1
                kind: Config
                current-context: here
                contexts: [{name: here, context: {cluster: here, user: me}}]
                clusters: [{name: here, cluster: {server: "http://127.0.0.1:1"}}]
                users: [{name: me, user: {token: t}}]
                """);

        Ended ended = map("--kubeconfig", kubeconfig);

        assertThat(ended.code()).isEqualTo(1);
        assertThat(ended.errors().lines())
                .singleElement()
                .asString()
                .startsWith("iptunnel map: the API server http://127.0.0.1:1/ ");
    }
}
