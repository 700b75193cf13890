package dev.iptunnel.image;

import io.fabric8.kubernetes.client.dsl.base.CustomResourceDefinitionContext;
import io.fabric8.kubernetes.client.server.mock.KubernetesCrudDispatcher;
import io.fabric8.mockwebserver.http.Buffer;
import io.fabric8.mockwebserver.http.MockResponse;
import io.fabric8.mockwebserver.http.RecordedRequest;
import java.net.HttpURLConnection;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Fabric8's mock API server, with what the agent uses and the mock does not know. */
final class TrainingApiServer extends KubernetesCrudDispatcher {
    private static final Pattern FIELD_SELECTOR = Pattern.compile("(?<=[?&])fieldSelector=[^&]*&?");
    private static final Pattern TUNNEL = Pattern.compile("/apis/iptunnel\\.dev/v1alpha1/iptunnels/([^/?]+)");

    TrainingApiServer(CustomResourceDefinitionContext tunnels) {
        super(List.of(tunnels));
    }

    @Override
    public MockResponse dispatch(RecordedRequest request) {
        MockResponse response = super.dispatch(new RecordedRequest(
                request.getHttpVersion(),
                request.method(),
                // Answered by an empty list there; every object here is of the one node.
                FIELD_SELECTOR.matcher(request.getPath()).replaceFirst(""),
                request.getHeaders()
                        .newBuilder()
                        .setHeader("Content-Type", known(request.getHeader("Content-Type")))
                        .build(),
                new Buffer(request.getBody().getBytes())));
        Matcher tunnel = TUNNEL.matcher(request.getPath());
        return response.code() == HttpURLConnection.HTTP_NOT_FOUND && tunnel.matches()
                ? response.setBody(notFound(tunnel.group(1)))
                : response;
    }

    private static String known(String contentType) {
        return switch (contentType) {
            case null -> "application/json";
            case String apply when apply.startsWith("application/apply-patch") -> "application/merge-patch+json";
            default -> contentType;
        };
    }

    private static byte[] notFound(String name) {
        return """
                {"apiVersion": "v1", "kind": "Status", "status": "Failure", "code": 404, "reason": "NotFound",
                 "message": "iptunnels.iptunnel.dev \\"%1$s\\" not found",
                 "details": {"group": "iptunnel.dev", "kind": "iptunnels", "name": "%1$s"}}
                """
                .formatted(name)
                .getBytes(StandardCharsets.UTF_8);
    }
}
