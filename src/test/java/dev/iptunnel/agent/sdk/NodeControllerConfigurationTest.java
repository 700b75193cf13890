package dev.iptunnel.agent.sdk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.agent.reconcile.IpTunnelReconciler;
import dev.iptunnel.api.v1alpha1.IpTunnel;
import dev.iptunnel.api.v1alpha1.IpTunnelStatus;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.javaoperatorsdk.operator.api.config.BaseConfigurationService;
import io.javaoperatorsdk.operator.api.config.ControllerConfiguration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NodeControllerConfigurationTest {
    private static IpTunnel tunnel(String uid, long generation) {
        IpTunnel tunnel = new IpTunnel();
        tunnel.setMetadata(new ObjectMetaBuilder()
                .withName("tunnel")
                .withUid(uid)
                .withGeneration(generation)
                .build());
        return tunnel;
    }

    @Test
    void an_update_is_reconciled_if_the_controller_took_this_agent_for_dead() {
        // given
        ControllerConfiguration<IpTunnel> configuration =
                NodeControllerConfiguration.of("node1", IpTunnelReconciler.class, new BaseConfigurationService());
        IpTunnel marked = tunnel("first", 1);
        marked.setStatus(new IpTunnelStatus(
                1L,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                List.of(new ConditionBuilder()
                        .withType("Programmed")
                        .withStatus("Unknown")
                        .build())));

        // when
        boolean accepted = configuration.getInformerConfig().getOnUpdateFilter().accept(marked, tunnel("first", 1));

        // then
        assertThat(accepted).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "first,  1, false", // its status was written
        "first,  2, true", // its spec was changed
        "second, 1, true", // it was deleted and created again, and the watch did not see it
    })
    void an_update_is_reconciled_if_the_spec_or_the_object_is_new(String uid, long generation, boolean reconciled) {
        // given
        ControllerConfiguration<IpTunnel> configuration =
                NodeControllerConfiguration.of("node1", IpTunnelReconciler.class, new BaseConfigurationService());

        // when
        boolean accepted = configuration
                .getInformerConfig()
                .getOnUpdateFilter()
                .accept(tunnel(uid, generation), tunnel("first", 1));

        // then
        assertThat(accepted).isEqualTo(reconciled);
        assertThat(configuration.isGenerationAware()).isFalse();
    }
}
