package dev.iptunnel.agent;

import dev.iptunnel.api.v1alpha1.IpTunnel;
import io.fabric8.kubernetes.api.model.ListOptionsBuilder;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the agent reads of its cluster before it starts: who it is (the UID of {@code kube-system}, the manager in its
 * marks), and that it may read its IpTunnels. An API server that does not answer is waited for; one that answers "no"
 * ends the start.
 */
final class ClusterIdentity {
    private static final Logger log = LoggerFactory.getLogger(ClusterIdentity.class);
    private static final String NAMESPACE = "kube-system";
    private static final Duration RETRY = Duration.ofSeconds(2);

    private ClusterIdentity() {}

    static String manager(KubernetesClient client) {
        return await(() -> {
            Namespace namespace = client.namespaces().withName(NAMESPACE).get();
            if (namespace == null) {
                throw new StartRefusedException(
                        "the cluster has no namespace " + NAMESPACE + ", whose UID marks its tunnels");
            }
            return namespace.getMetadata().getUid();
        });
    }

    static void requireTunnelsReadable(KubernetesClient client, String nodeName) {
        await(() -> client.resources(IpTunnel.class)
                .withField("spec.nodeName", nodeName)
                .list(new ListOptionsBuilder().withLimit(1L).build()));
    }

    private static <T> T await(Supplier<T> read) {
        while (true) {
            try {
                return read.get();
            } catch (KubernetesClientException e) {
                switch (e.getCode()) {
                    case HttpURLConnection.HTTP_NOT_FOUND ->
                        throw new StartRefusedException(
                                "the cluster does not know IpTunnels: install the CRD by `kubectl apply -k crds`");
                    case HttpURLConnection.HTTP_UNAUTHORIZED, HttpURLConnection.HTTP_FORBIDDEN ->
                        throw new StartRefusedException(
                                "the API server refuses the agent: install its rights by `kubectl apply -k deploy/base`: "
                                        + e.getMessage());
                    default ->
                        log.atWarn()
                                .log(
                                        "waiting for the API server: {}",
                                        rootCause(e).toString());
                }
            }
            try {
                Thread.sleep(RETRY);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new StartRefusedException("interrupted while waiting for the API server");
            }
        }
    }

    /** The client's own message says only that an operation failed. */
    private static Throwable rootCause(Throwable failure) {
        Throwable root = failure;
        for (Throwable cause = failure.getCause(); cause != null; cause = cause.getCause()) {
            root = cause;
        }
        return root;
    }
}
