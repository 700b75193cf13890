package dev.iptunnel.agent.health;

import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.plan.Operation;
import dev.iptunnel.tunnel.InnerAddress;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.IpPrefix;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class AgentMetricsTest {
    private final AgentMetrics metrics = new AgentMetrics();

    @Test
    void scrape_events_with_and_without_an_action() {
        // given
        metrics.registry()
                .counter("events.received", "event", "ResourceEvent", "action", "ADDED")
                .increment();
        metrics.registry().counter("events.received", "event", "Event").increment();

        // when
        String scrape = metrics.scrape();

        // then
        assertThat(scrape.lines().filter(line -> line.startsWith("events_received_total{")))
                .containsExactlyInAnyOrder(
                        "events_received_total{action=\"ADDED\",event=\"ResourceEvent\"} 1.0",
                        "events_received_total{action=\"none\",event=\"Event\"} 1.0");
    }

    @Test
    void count_kernel_operations_by_kind_and_errno() {
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
    void count_tunnels_by_readiness() {
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
