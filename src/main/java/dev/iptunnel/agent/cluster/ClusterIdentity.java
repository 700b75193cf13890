package dev.iptunnel.agent.cluster;

import dev.iptunnel.api.v1alpha1.IpTunnel;
import io.fabric8.kubernetes.api.model.ListOptionsBuilder;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.util.function.Supplier;

/**
 * What the agent reads from its cluster before it starts: the manager in its marks (the UID of {@code kube-system}),
 * and whether it may read its IpTunnels. If the API server refuses, somebody can correct that while the agent waits.
 */
public final class ClusterIdentity {
    private static final String NAMESPACE = "kube-system";

    private ClusterIdentity() {}

    /**
     * The UID of the cluster's {@code kube-system} namespace, which is the manager in the marks of its tunnels.
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
     * Lists one IpTunnel of the node, to check that the CRD exists and that the agent may read its objects.
     *
     * @throws NotYetException while that is not so
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

    /** The client's own message only says that an operation failed. */
    private static Throwable rootCause(Throwable failure) {
        Throwable root = failure;
        for (Throwable cause = failure.getCause(); cause != null; cause = cause.getCause()) {
            root = cause;
        }
        return root;
    }
}
