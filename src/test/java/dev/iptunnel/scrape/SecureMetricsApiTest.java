package dev.iptunnel.scrape;

import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.api.DeployedManifests;
import dev.iptunnel.apiserver.ApiServerConnection;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.api.model.authentication.TokenRequestBuilder;
import io.fabric8.kubernetes.api.model.rbac.ClusterRole;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBinding;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBindingBuilder;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Who may read the metrics, as the real API server says, with the rights of {@code deploy/samples/monitored}. */
@Tag("api")
class SecureMetricsApiTest {
    private static final InetSocketAddress ANY_PORT = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    private static final String READER = "metrics-test-reader";
    private static final String STRANGER = "metrics-test-stranger";

    private static final DeployedManifests deployed = deployed();
    private static final KubernetesClient agent = deployed.agentOn("node1");

    private static DeployedManifests deployed() {
        try {
            return DeployedManifests.of("deploy/samples/monitored");
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @BeforeAll
    static void allow() {
        Stream.of(READER, STRANGER)
                .forEach(name -> deployed.admin().resource(account(name)).createOr(it -> it.patch()));
        deployed.admin().resource(binding()).createOr(it -> it.patch());
    }

    /** Other tests check that the agent has no such rights. */
    @AfterAll
    static void remove() {
        agent.close();
        KubernetesClient admin = deployed.admin();
        Stream.of(READER, STRANGER)
                .forEach(name -> admin.resource(account(name)).delete());
        admin.resource(binding()).delete();
        deployed.objects().stream()
                .filter(object -> (object instanceof ClusterRole || object instanceof ClusterRoleBinding)
                        && !object.getMetadata().getName().equals("iptunnel-agent"))
                .forEach(object -> admin.resource(object).delete());
        deployed.close();
        DeployedManifests.forget();
    }

    private static ServiceAccount account(String name) {
        return new ServiceAccountBuilder()
                .withNewMetadata()
                .withName(name)
                .withNamespace("default")
                .endMetadata()
                .build();
    }

    private static ClusterRoleBinding binding() {
        return new ClusterRoleBindingBuilder()
                .withNewMetadata()
                .withName(READER)
                .endMetadata()
                .withNewRoleRef("rbac.authorization.k8s.io", "ClusterRole", "iptunnel-metrics-reader")
                .addNewSubject("", "ServiceAccount", READER, "default")
                .build();
    }

    private static String token(String name) {
        return deployed.admin()
                .serviceAccounts()
                .inNamespace("default")
                .withName(name)
                .tokenRequest(new TokenRequestBuilder().withNewSpec().endSpec().build())
                .getStatus()
                .getToken();
    }

    private static SecureMetrics serve(KubernetesClient client) {
        return SecureMetrics.serve(ANY_PORT, ServerTls.selfSigned("node1", List.of()), client, () -> "up 1\n"
                .getBytes(StandardCharsets.UTF_8));
    }

    private static TlsClient.Shown ask(SecureMetrics server, String path, String... fields) throws IOException {
        return TlsClient.ask(
                server.port(),
                "GET " + path + " HTTP/1.1\r\n" + String.join("\r\n", fields) + (fields.length == 0 ? "" : "\r\n")
                        + "\r\n");
    }

    @Test
    void a_token_whose_user_has_the_right_gets_the_metrics_and_nothing_else() throws IOException {
        // given
        String bearer = "Authorization: Bearer " + token(READER);

        try (SecureMetrics server = serve(agent)) {
            // when
            TlsClient.Shown metrics = ask(server, "/metrics", bearer);

            // then
            assertThat(metrics.answer())
                    .startsWith("HTTP/1.1 200 OK")
                    .contains("Content-Type: text/plain; version=0.0.4")
                    .endsWith("\r\n\r\nup 1\n");
            assertThat(ask(server, "/statusz", bearer).code()).isEqualTo(404);
            assertThat(ask(server, "/loglevel", bearer).code()).isEqualTo(404);
        }
    }

    @Test
    void without_a_token_of_the_cluster_the_answer_is_401() throws IOException {
        try (SecureMetrics server = serve(agent)) {
            // when
            List<TlsClient.Shown> answers = List.of(
                    ask(server, "/metrics"),
                    ask(server, "/metrics", "Authorization: Bearer nonsense"),
                    ask(server, "/metrics", "Authorization: Bearer "),
                    ask(server, "/metrics", "Authorization: Basic dXNlcjpwYXNz"));

            // then
            assertThat(answers).allSatisfy(answer -> assertThat(answer.answer())
                    .startsWith("HTTP/1.1 401")
                    .contains("WWW-Authenticate: Bearer"));
        }
    }

    @Test
    void a_token_whose_user_lacks_the_right_gets_403() throws IOException {
        try (SecureMetrics server = serve(agent)) {
            // when
            TlsClient.Shown answer = ask(server, "/metrics", "Authorization: Bearer " + token(STRANGER));

            // then
            assertThat(answer.answer())
                    .startsWith("HTTP/1.1 403")
                    .contains("bind the ClusterRole iptunnel-metrics-reader");
        }
    }

    @Test
    void without_the_API_server_the_answer_is_503() throws IOException {
        // given
        int closed;
        try (ServerSocket unused = new ServerSocket(0)) {
            closed = unused.getLocalPort();
        }
        String token = token(READER);
        try (KubernetesClient away = ApiServerConnection.open(new ConfigBuilder(agent.getConfiguration())
                        .withMasterUrl("https://127.0.0.1:" + closed)
                        .withRequestRetryBackoffLimit(0)
                        .build());
                SecureMetrics server = serve(away)) {
            // when
            TlsClient.Shown answer = ask(server, "/metrics", "Authorization: Bearer " + token);

            // then
            assertThat(answer.code()).isEqualTo(503);
        }
    }
}
