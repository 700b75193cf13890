package dev.iptunnel.agent.health;

import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.api.v1alpha1.IpTunnel;
import dev.iptunnel.plan.Operation;
import dev.iptunnel.tunnel.InnerAddress;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.IpPrefix;
import io.javaoperatorsdk.operator.api.monitoring.Metrics;
import io.javaoperatorsdk.operator.api.reconciler.Constants;
import io.javaoperatorsdk.operator.processing.event.Event;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.ResourceAction;
import io.javaoperatorsdk.operator.processing.event.source.controller.ResourceEvent;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class AgentMetricsTest {
    private final AgentMetrics metrics = new AgentMetrics();

    @Test
    void events_that_the_SDK_counts_with_and_without_an_action_are_scraped() {
        // given
        Metrics counted = metrics.operatorMetrics();
        ResourceID id = new ResourceID("to-berlin");
        Map<String, Object> controller = Map.of(Constants.CONTROLLER_NAME, "iptunnel");
        counted.eventReceived(new ResourceEvent(ResourceAction.UPDATED, id, new IpTunnel()), controller);
        counted.eventReceived(new Event(id), controller);

        // when
        String scrape = metrics.scrape();

        // then
        assertThat(scrape.lines().filter(line -> line.startsWith("events_received_total{")))
                .hasSize(2)
                .anyMatch(line -> line.contains("action=\"UPDATED\"") && line.contains("event=\"ResourceEvent\""))
                .anyMatch(line -> line.contains("action=\"none\"") && line.contains("event=\"Event\""));
    }

    @Test
    void kernel_operations_are_counted_by_kind_and_errno() {
        // given
        IpPrefix prefix = IpPrefix.parse(IpFamily.IPV4, "10.7.0.1/30");
        Operation operation =
                new Operation.AddAddress(OptionalInt.of(7), "to-berlin", new InnerAddress(prefix, Optional.empty()));
        metrics.kernelOperation(operation, "0");
        metrics.kernelOperation(operation, "EACCES");

        // when
        String scrape = metrics.scrape();

        // then
        assertThat(scrape)
                .contains("iptunnel_kernel_operations_total{errno=\"0\",operation=\"AddAddress\"} 1.0")
                .contains("iptunnel_kernel_operations_total{errno=\"EACCES\",operation=\"AddAddress\"} 1.0");
    }

    @Test
    void tunnels_are_counted_by_readiness() {
        // given
        metrics.watchTunnels(_ -> 0);

        // when
        String scrape = metrics.scrape();

        // then
        assertThat(scrape)
                .contains("iptunnel_tunnels{ready=\"true\"} 0.0")
                .contains("iptunnel_tunnels{ready=\"false\"} 0.0");
    }
}
