package dev.iptunnel.agent.cluster;

import dev.iptunnel.api.v1alpha1.IpTunnel;
import io.fabric8.kubernetes.api.model.ListOptionsBuilder;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.util.function.Supplier;

/**
 * What the agent reads of its cluster before it starts: who it is (the UID of {@code kube-system}, the manager in its
 * marks), and that it may read its IpTunnels. Whatever the API server answers instead may be mended while the agent waits.
 */
public final class ClusterIdentity {
    private static final String NAMESPACE = "kube-system";

    private ClusterIdentity() {}

    /**
     * The UID of the cluster's {@code kube-system} namespace, which the marks of its tunnels carry.
     *
     * @throws NotYetException while it cannot be read
     */
    public static String manager(KubernetesClient client) {
        return read(() -> {
            Namespace namespace = client.namespaces().withName(NAMESPACE).get();
            if (namespace == null) {
                throw new NotYetException(
                        "the cluster has no namespace " + NAMESPACE + ", whose UID marks its tunnels");
            }
            return namespace.getMetadata().getUid();
        });
    }

    /**
     * Lists one IpTunnel of the node, to see that the CRD is there and may be read.
     *
     * @throws NotYetException while they are not readable
     */
    public static void requireTunnelsReadable(KubernetesClient client, String nodeName) {
        read(() -> client.resources(IpTunnel.class)
                .withField("spec.nodeName", nodeName)
                .list(new ListOptionsBuilder().withLimit(1L).build()));
    }

    private static <T> T read(Supplier<T> read) {
        try {
            return read.get();
        } catch (KubernetesClientException e) {
            throw new NotYetException(
                    switch (e.getCode()) {
                        case HttpURLConnection.HTTP_NOT_FOUND ->
                            "the cluster does not know IpTunnels: install the CRD by `kubectl apply -k crds`";
                        case HttpURLConnection.HTTP_UNAUTHORIZED ->
                            "the API server does not accept the agent's token: " + e.getMessage();
                        case HttpURLConnection.HTTP_FORBIDDEN ->
                            "the API server refuses the agent: install its rights by `kubectl apply -k deploy/base`: "
                                    + e.getMessage();
                        default -> "the API server does not answer: " + rootCause(e);
                    });
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
