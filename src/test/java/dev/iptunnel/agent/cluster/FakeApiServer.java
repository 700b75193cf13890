package dev.iptunnel.agent.cluster;

import dev.iptunnel.agent.Tunnels;
import dev.iptunnel.agent.event.EventRecorder;
import dev.iptunnel.kernel.NetworkConfigurators;
import dev.iptunnel.schedule.Clocks;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import io.fabric8.mockwebserver.dsl.HttpMethod;
import io.fabric8.mockwebserver.http.RecordedRequest;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Answers reads of IpTunnels as a test configures it, with the bodies of a real API server. */
public final class FakeApiServer implements AutoCloseable {
    private static final String PATH = "/apis/iptunnel.dev/v1alpha1/iptunnels/";
    private static final String DEFINITION =
            "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/iptunnels.iptunnel.dev";
    private static final String LONG_AGO = "2020-01-01T00:00:00Z";

    private final KubernetesMockServer server = new KubernetesMockServer(false);
    private final KubernetesClient client;

    public FakeApiServer() {
        server.init();
        try (KubernetesClient retrying = server.createClient()) {
            client = new KubernetesClientBuilder()
                    .withConfig(new ConfigBuilder(retrying.getConfiguration())
                            .withRequestRetryBackoffLimit(0)
                            .build())
                    .build();
        }
        answerDefinition(200, definition(LONG_AGO, ""));
    }

    public KubernetesClient client() {
        return client;
    }

    ObjectLookup lookup() {
        return new ObjectLookup(client);
    }

    DefinitionLookup definitions() {
        return new DefinitionLookup(client);
    }

    public EventRecorder events() {
        return new EventRecorder(
                client, Tunnels.NODE, Clocks.system(), NetworkConfigurators.ofThisNode(), () -> false, _ -> {});
    }

    public void answer(String name, int code, String body) {
        server.expect().get().withPath(PATH + name).andReturn(code, body).always();
    }

    public void gone(String name) {
        answer(name, 404, notFound("iptunnel.dev", "iptunnels", name));
    }

    /** The object is gone; something else happens while the API server answers. */
    public void gone(String name, Runnable meanwhile) {
        server.expect()
                .get()
                .withPath(PATH + name)
                .andReply(404, _ -> {
                    meanwhile.run();
                    return notFound("iptunnel.dev", "iptunnels", name);
                })
                .always();
    }

    /** The number of requests since the last call, without those for Events, which are written asynchronously. */
    public int reads() throws InterruptedException {
        int reads = 0;
        for (RecordedRequest request = next(); request != null; request = next()) {
            reads += request.method() == HttpMethod.GET ? 1 : 0;
        }
        return reads;
    }

    private @Nullable RecordedRequest next() throws InterruptedException {
        return server.takeRequest(0, TimeUnit.SECONDS);
    }

    public void present(String name, String uid, String nodeName) {
        answer(
                name,
                200,
                """
                {"apiVersion":"iptunnel.dev/v1alpha1","kind":"IpTunnel","metadata":{"name":"%s","uid":"%s"},\
                "spec":{"nodeName":"%s","mode":"ipip","local":"192.0.2.1","remote":"192.0.2.2"}}
                """
                        .formatted(name, uid, nodeName));
    }

    public void forgetAnswers() {
        server.clearExpectations();
        answerDefinition(200, definition(LONG_AGO, ""));
    }

    /** The answer for the CRD from now on. */
    public void redefine(int code, String body) {
        server.clearExpectations();
        answerDefinition(code, body);
    }

    private void answerDefinition(int code, String body) {
        server.expect().get().withPath(DEFINITION).andReturn(code, body).always();
    }

    /** @param more further fields of its metadata, each with a comma before it */
    static String definition(String created, String more) {
        return """
                {"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/v1",\
                "metadata":{"name":"iptunnels.iptunnel.dev","creationTimestamp":"%s"%s}}
                """
                .formatted(created, more);
    }

    static String notFound(String group, String kind, String name) {
        return """
                {"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure",\
                "message":"%2$s.%1$s \\"%3$s\\" not found","reason":"NotFound",\
                "details":{"name":"%3$s","group":"%1$s","kind":"%2$s"},"code":404}
                """
                .formatted(group, kind, name);
    }

    /** Stops listening. */
    void stop() {
        server.destroy();
    }

    @Override
    public void close() {
        client.close();
        server.destroy();
    }
}
