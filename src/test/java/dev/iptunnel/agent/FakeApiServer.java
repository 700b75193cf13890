package dev.iptunnel.agent;

import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import java.time.Clock;

/** Answers reads of IpTunnels as it is told, with the bodies of a real API server. */
final class FakeApiServer implements AutoCloseable {
    private static final String PATH = "/apis/iptunnel.dev/v1alpha1/iptunnels/";

    private final KubernetesMockServer server = new KubernetesMockServer(false);
    private final KubernetesClient client;

    FakeApiServer() {
        server.init();
        try (KubernetesClient retrying = server.createClient()) {
            client = new KubernetesClientBuilder()
                    .withConfig(new ConfigBuilder(retrying.getConfiguration())
                            .withRequestRetryBackoffLimit(0)
                            .build())
                    .build();
        }
    }

    KubernetesClient client() {
        return client;
    }

    ObjectLookup lookup() {
        return new ObjectLookup(client);
    }

    EventRecorder events() {
        return new EventRecorder(client, Tunnels.NODE, Clock.systemUTC());
    }

    void answer(String name, int code, String body) {
        server.expect().get().withPath(PATH + name).andReturn(code, body).always();
    }

    void gone(String name) {
        answer(name, 404, notFound("iptunnel.dev", "iptunnels", name));
    }

    void present(String name, String uid, String nodeName) {
        answer(
                name,
                200,
                """
                {"apiVersion":"iptunnel.dev/v1alpha1","kind":"IpTunnel","metadata":{"name":"%s","uid":"%s"},\
                "spec":{"nodeName":"%s","mode":"ipip","local":"192.0.2.1","remote":"192.0.2.2"}}
                """
                        .formatted(name, uid, nodeName));
    }

    void forgetAnswers() {
        server.clearExpectations();
    }

    static String notFound(String group, String kind, String name) {
        return """
                {"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure",\
                "message":"%2$s.%1$s \\"%3$s\\" not found","reason":"NotFound",\
                "details":{"name":"%3$s","group":"%1$s","kind":"%2$s"},"code":404}
                """
                .formatted(group, kind, name);
    }

    /** From now on nobody listens. */
    void stop() {
        server.destroy();
    }

    @Override
    public void close() {
        client.close();
        server.destroy();
    }
}
