package dev.iptunnel.agent.sdk;

import dev.iptunnel.api.v1alpha1.ConditionType;
import dev.iptunnel.api.v1alpha1.IpTunnel;
import io.javaoperatorsdk.operator.api.config.ConfigurationService;
import io.javaoperatorsdk.operator.api.config.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.config.ResolvedControllerConfiguration;
import io.javaoperatorsdk.operator.api.config.informer.FieldSelectorBuilder;
import io.javaoperatorsdk.operator.api.config.informer.InformerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
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
     * Whether an update is more than a status of this agent's. The SDK's own filter compares generations only. An object that was deleted
     * and created again during a gap in the watch appears as an update, often with the same generation and another UID.
     */
    private static boolean isNews(IpTunnel now, IpTunnel before) {
        return isMarked(now)
                || !now.getMetadata().getUid().equals(before.getMetadata().getUid())
                || !now.getMetadata()
                        .getGeneration()
                        .equals(before.getMetadata().getGeneration());
    }

    /**
     * The controller took this agent for dead: an agent always knows whether a tunnel is programmed. Then the status has to
     * be written again, however often that happened before.
     */
    private static boolean isMarked(IpTunnel tunnel) {
        return tunnel.getStatus() != null
                && tunnel.getStatus().conditions().stream()
                        .anyMatch(condition -> condition.getType().equals(ConditionType.PROGRAMMED)
                                && condition.getStatus().equals("Unknown"));
    }

    /**
     * The configuration of this node's controller. It is built without the SDK's {@code ControllerConfigurationOverrider},
     * which cannot set a field selector.
     *
     * @param reconciler the class of the reconciler
     */
    public static ControllerConfiguration<IpTunnel> of(
            String nodeName, Class<? extends Reconciler<IpTunnel>> reconciler, ConfigurationService service) {
        InformerConfiguration<IpTunnel> informer = InformerConfiguration.builder(IpTunnel.class)
                .withFieldSelector(new FieldSelectorBuilder()
                        .withField("spec.nodeName", nodeName)
                        .build())
                // Otherwise 5.3.2 loses a spec change that arrives while the status is written
                // (java-operator-sdk#3398). The SDK then does not remember what it wrote: WrittenStatus does.
                .withComparableResourceVersions(false)
                .withOnUpdateFilter(NodeControllerConfiguration::isNews)
                .buildForController();
        GenericRetry retry = new GenericRetry()
                .setInitialInterval(FIRST_RETRY.toMillis())
                .setIntervalMultiplier(2)
                .setMaxInterval(LONGEST_RETRY.toMillis())
                .withoutMaxAttempts();
        return new ResolvedControllerConfiguration<>(
                "iptunnel",
                false,
                reconciler.getName(),
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
