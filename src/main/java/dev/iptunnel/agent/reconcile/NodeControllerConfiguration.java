package dev.iptunnel.agent.reconcile;

import dev.iptunnel.api.v1alpha1.IpTunnel;
import io.javaoperatorsdk.operator.api.config.ConfigurationService;
import io.javaoperatorsdk.operator.api.config.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.config.ResolvedControllerConfiguration;
import io.javaoperatorsdk.operator.api.config.informer.FieldSelectorBuilder;
import io.javaoperatorsdk.operator.api.config.informer.InformerConfiguration;
import io.javaoperatorsdk.operator.processing.retry.GenericRetry;
import java.time.Duration;
import java.util.Map;

/** How the SDK runs the reconciler: on this node's IpTunnels only, filtered by the API server. */
public final class NodeControllerConfiguration {
    /** The owner of the status fields under server-side apply. */
    public static final String FIELD_MANAGER = "iptunnel-agent";

    private static final Duration FIRST_RETRY = Duration.ofSeconds(1);
    private static final Duration LONGEST_RETRY = Duration.ofSeconds(60);

    private NodeControllerConfiguration() {}

    /**
     * Whether it is more than a status that was written. One that was deleted and made again while the watch was interrupted
     * comes as an update, often of the same generation.
     */
    private static boolean asksForMore(IpTunnel now, IpTunnel before) {
        return !now.getMetadata().getUid().equals(before.getMetadata().getUid())
                || !now.getMetadata()
                        .getGeneration()
                        .equals(before.getMetadata().getGeneration());
    }

    public static ControllerConfiguration<IpTunnel> of(String nodeName, ConfigurationService service) {
        InformerConfiguration<IpTunnel> informer = InformerConfiguration.builder(IpTunnel.class)
                .withFieldSelector(new FieldSelectorBuilder()
                        .withField("spec.nodeName", nodeName)
                        .build())
                // Else 5.3.2 loses a spec change that lands while the status is being written (java-operator-sdk#3398).
                .withComparableResourceVersions(false)
                .withOnUpdateFilter(NodeControllerConfiguration::asksForMore)
                .buildForController();
        GenericRetry retry = new GenericRetry()
                .setInitialInterval(FIRST_RETRY.toMillis())
                .setIntervalMultiplier(2)
                .setMaxInterval(LONGEST_RETRY.toMillis())
                .withoutMaxAttempts();
        return new ResolvedControllerConfiguration<>(
                "iptunnel",
                false,
                IpTunnelReconciler.class.getName(),
                retry,
                null,
                null,
                null,
                Map.of(),
                FIELD_MANAGER,
                service,
                informer,
                true,
                null);
    }
}
