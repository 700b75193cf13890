package dev.iptunnel.controller;

import dev.iptunnel.api.Program;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.authentication.TokenRequestBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** The objects of {@code deploy/controller} on the real API server, and the token of its account. */
final class DeployedController implements AutoCloseable {
    private static final String KUSTOMIZATION = "deploy/controller";

    private final KubernetesClient admin;
    private final List<HasMetadata> objects;

    DeployedController(KubernetesClient admin) {
        this.admin = admin;
        Program.kubectl("apply", "--server-side", "--force-conflicts", "-k", KUSTOMIZATION)
                .requireOutput();
        String rendered = Program.kubectl("kustomize", KUSTOMIZATION).requireOutput();
        objects = admin.load(new ByteArrayInputStream(rendered.getBytes(StandardCharsets.UTF_8)))
                .items();
    }

    List<HasMetadata> objects() {
        return objects;
    }

    ServiceAccount account() {
        return objects.stream()
                .filter(ServiceAccount.class::isInstance)
                .map(ServiceAccount.class::cast)
                .findFirst()
                .orElseThrow();
    }

    /** The controller's account, as a user. */
    Config user() {
        Config server = admin.getConfiguration();
        Config user = Config.empty();
        user.setMasterUrl(server.getMasterUrl());
        user.setCaCertData(server.getCaCertData());
        user.setCaCertFile(server.getCaCertFile());
        user.setOauthToken(admin.serviceAccounts()
                .resource(account())
                .tokenRequest(new TokenRequestBuilder().withNewSpec().endSpec().build())
                .getStatus()
                .getToken());
        return user;
    }

    @Override
    public void close() {
        Program.kubectl("delete", "-k", KUSTOMIZATION).requireOutput();
    }
}
