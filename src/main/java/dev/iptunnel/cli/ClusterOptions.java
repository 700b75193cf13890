package dev.iptunnel.cli;

import dev.iptunnel.agent.cluster.ClusterIdentity;
import dev.iptunnel.agent.cluster.NotYetException;
import dev.iptunnel.agent.spec.SpecReader;
import dev.iptunnel.api.v1alpha1.IpTunnel;
import dev.iptunnel.apiserver.ApiServerConnection;
import dev.iptunnel.command.Report;
import dev.iptunnel.manifest.Manifest;
import dev.iptunnel.manifest.Manifests;
import dev.iptunnel.manifest.NodeManifests;
import dev.iptunnel.manifest.Place;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The cluster that the command runs in, in a pod of the agent. */
final class ClusterOptions {
    private static final int PATIENCE_MILLIS = 5_000;
    private static final Place PLACE = new Place("the API server", 0, 0);

    @Option(
            names = "--service-account-token",
            defaultValue = "/var/run/secrets/kubernetes.io/serviceaccount/token",
            hidden = true)
    private Path token = Path.of("");

    @Option(names = "--in-cluster", defaultValue = "${env:KUBERNETES_SERVICE_HOST}", hidden = true)
    private @Nullable String inCluster;

    /** What the IpTunnels of the node ask for; empty outside of a pod, and if the API server does not answer. */
    Optional<NodeManifests> read(NodeOptions node, Report report) {
        if (inCluster == null || inCluster.isBlank() || !Files.isReadable(token)) {
            return Optional.empty();
        }
        var config = new ConfigBuilder()
                .withAutoConfigure()
                .withRequestRetryBackoffLimit(0)
                .withConnectionTimeout(PATIENCE_MILLIS)
                .withRequestTimeout(PATIENCE_MILLIS)
                .build();
        try (KubernetesClient client = ApiServerConnection.open(config)) {
            String manager = ClusterIdentity.manager(client);
            List<Manifest> objects =
                    client
                            .resources(IpTunnel.class)
                            .withField("spec.nodeName", node.nodeName())
                            .list()
                            .getItems()
                            .stream()
                            .filter(IpTunnel::hasSpec)
                            .map(tunnel -> new Manifest(PLACE, tunnel))
                            .toList();
            NodeManifests manifests = NodeManifests.of(
                    new Manifests(objects, List.of()), node.nodeName(), new SpecReader(manager, node.nodeAddresses()));
            manifests
                    .problems()
                    .forEach(problem -> report.note("IpTunnel " + problem.name() + ": " + problem.message()));
            return Optional.of(manifests);
        } catch (NotYetException | KubernetesClientException e) {
            report.note("without what the IpTunnels ask for: " + e.getMessage());
            return Optional.empty();
        }
    }
}
