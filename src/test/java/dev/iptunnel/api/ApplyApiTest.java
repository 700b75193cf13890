package dev.iptunnel.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.iptunnel.api.v1alpha1.IpTunnel;
import dev.iptunnel.api.v1alpha1.IpTunnelSpec;
import dev.iptunnel.api.v1alpha1.TunnelAddress;
import dev.iptunnel.api.v1alpha1.TunnelRoute;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** {@code kubectl apply} of manifests of one tunnel by several people, and of an unknown field. */
@Tag("api")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ApplyApiTest {
    private static final String WHOLE = "nodeName: node1, mode: ipip, local: 192.0.2.1, remote: 192.0.2.2";

    private final KubernetesClient client;
    private final Path manifest;

    ApplyApiTest(@TempDir Path folder) throws IOException {
        client = ApiServer.connect();
        manifest = folder.resolve("tunnel.yaml");
    }

    @AfterEach
    void delete() {
        client.resources(IpTunnel.class).delete();
    }

    @AfterAll
    void close() {
        client.close();
    }

    @Test
    void two_appliers_have_addresses_of_their_own() throws IOException {
        apply("network", WHOLE + ", addresses: [{address: 192.168.7.1/30}]");
        apply("site", "addresses: [{address: 192.168.8.1/30}]");

        assertThat(spec().addresses())
                .extracting(TunnelAddress::address)
                .containsExactly("192.168.7.1/30", "192.168.8.1/30");
    }

    @Test
    void what_one_applier_leaves_out_is_removed_and_the_others_part_stays() throws IOException {
        apply("network", WHOLE + ", addresses: [{address: 192.168.7.1/30}]");
        apply("site", "addresses: [{address: 192.168.8.1/30}], routes: [{destination: 10.10.0.0/16}]");

        apply("network", WHOLE);

        assertThat(spec().addresses()).extracting(TunnelAddress::address).containsExactly("192.168.8.1/30");
        assertThat(spec().routes()).extracting(TunnelRoute::destination).containsExactly("10.10.0.0/16");
    }

    @Test
    void the_routes_belong_to_one_applier_and_another_gets_a_conflict() throws IOException {
        apply("network", WHOLE + ", routes: [{destination: 10.9.0.0/16}]");

        var refused = call("--server-side", "--field-manager=site", "routes: [{destination: 10.10.0.0/16}]");

        assertThat(refused.exitCode()).isNotZero();
        assertThat(refused.output()).contains("conflict with \"network\": .spec.routes");
        assertThat(spec().routes())
                .extracting(TunnelRoute::destination, TunnelRoute::table, TunnelRoute::metric)
                .containsExactly(tuple("10.9.0.0/16", 254L, 0L));
    }

    @Test
    void two_appliers_that_want_different_values_of_one_field_get_a_conflict() throws IOException {
        apply("network", WHOLE + ", ttl: 7");

        var refused = call("--server-side", "--field-manager=site", "ttl: 8");

        assertThat(refused.exitCode()).isNotZero();
        assertThat(refused.output()).contains("conflict with \"network\": .spec.ttl");
    }

    @Test
    void kubectl_refuses_an_unknown_field() throws IOException {
        var refused = call("--server-side=false", "--validate=true", WHOLE + ", remotte: 192.0.2.2");

        assertThat(refused.exitCode()).isNotZero();
        assertThat(refused.output()).contains("unknown field \"spec.remotte\"");
    }

    @Test
    void with_validation_Warn_an_unknown_field_is_dropped_with_a_warning() throws IOException {
        var warned = call("--server-side=false", "--validate=warn", WHOLE + ", remotte: 192.0.2.2");

        assertThat(warned.output()).contains("Warning: unknown field \"spec.remotte\"", "created");
        assertThat(Program.kubectl("get", "ipt", "to-berlin", "-o", "jsonpath={.spec}")
                        .requireOutput())
                .doesNotContain("remotte");
    }

    private IpTunnelSpec spec() {
        return client.resources(IpTunnel.class).withName("to-berlin").require().getSpec();
    }

    private void apply(String manager, String spec) throws IOException {
        var applied = call("--server-side", "--field-manager=" + manager, spec);
        assertThat(applied.exitCode()).as(applied.output()).isZero();
    }

    private Program call(String how, String option, String spec) throws IOException {
        Files.writeString(
                manifest,
                """
                apiVersion: iptunnel.dev/v1alpha1
                kind: IpTunnel
                metadata:
                  name: to-berlin
                spec: {%s}
                """
                        .formatted(spec));
        return Program.kubectl("apply", how, option, "-f", manifest.toString());
    }
}
