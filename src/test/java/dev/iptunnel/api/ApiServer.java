package dev.iptunnel.api;

import static java.nio.file.Files.newInputStream;

import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.IOException;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/** The real API server that {@code KUBECONFIG} names, with the checked-in CRDs. */
public final class ApiServer {
    private ApiServer() {}

    /** A client of the administrator; the CRDs are served. */
    public static KubernetesClient connect() throws IOException {
        var client = new KubernetesClientBuilder().build();
        installCrd(client);
        return client;
    }

    /** Creates the checked-in CRDs and waits until they are served. */
    public static void installCrd(KubernetesClient client) throws IOException {
        for (var generated : GeneratedCrd.values()) {
            try (var in = newInputStream(generated.checkedIn())) {
                var crd =
                        client.apiextensions().v1().customResourceDefinitions().load(in);
                crd.forceConflicts().serverSideApply();
                crd.waitUntilCondition(ApiServer::established, 30, TimeUnit.SECONDS);
            }
        }
    }

    /** Whether it has this minor version of Kubernetes 1, or a later one. */
    static boolean isAtLeast(KubernetesClient client, int minor) {
        return Integer.parseInt(client.getKubernetesVersion().getMinor().replaceAll("\\D", "")) >= minor;
    }

    /** A client with this token only. */
    static KubernetesClient connect(Config server, String token) {
        var config = Config.empty();
        config.setMasterUrl(server.getMasterUrl());
        config.setCaCertData(server.getCaCertData());
        config.setCaCertFile(server.getCaCertFile());
        config.setOauthToken(token);
        return new KubernetesClientBuilder().withConfig(config).build();
    }

    private static boolean established(CustomResourceDefinition crd) {
        return Objects.requireNonNull(crd).getStatus() != null
                && crd.getStatus().getConditions() != null
                && crd.getStatus().getConditions().stream()
                        .anyMatch(condition -> condition.getType().equals("Established")
                                && condition.getStatus().equals("True"));
    }
}
