package dev.iptunnel.agent.health;

import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.api.v1alpha1.IpTunnel;
import dev.iptunnel.plan.Operation;
import dev.iptunnel.plan.Plan;
import dev.iptunnel.tunnel.InnerAddress;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.IpPrefix;
import io.javaoperatorsdk.operator.api.monitoring.Metrics;
import io.javaoperatorsdk.operator.api.reconciler.Constants;
import io.javaoperatorsdk.operator.processing.event.Event;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.ResourceAction;
import io.javaoperatorsdk.operator.processing.event.source.controller.ResourceEvent;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicReference;
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
        metrics.operations().executed(operation, "0", Duration.ofNanos(25_000));
        metrics.operations().executed(operation, "EACCES", Duration.ofMillis(2));

        // when
        String scrape = metrics.scrape();

        // then
        assertThat(scrape)
                .contains("iptunnel_kernel_operations_total{errno=\"0\",operation=\"AddAddress\"} 1.0")
                .contains("iptunnel_kernel_operations_total{errno=\"EACCES\",operation=\"AddAddress\"} 1.0");
    }

    @Test
    void durations_are_histograms_from_ten_microseconds_on() {
        // given
        metrics.planned(true, Duration.ofNanos(9_000));
        metrics.planned(false, Duration.ofMillis(2));

        // when
        String scrape = metrics.scrape();

        // then
        assertThat(scrape)
                .contains("iptunnel_plan_duration_seconds_bucket{read=\"cache\",le=\"1.0E-5\"} 1")
                .contains("iptunnel_plan_duration_seconds_bucket{read=\"kernel\",le=\"0.001\"} 0")
                .contains("iptunnel_plan_duration_seconds_bucket{read=\"kernel\",le=\"0.003\"} 1");
    }

    @Test
    void repairs_are_counted_by_what_had_been_changed() {
        // given
        Plan mtu = new Plan(List.of(new Operation.SetLink(
                OptionalInt.of(7), "to-berlin", Optional.empty(), OptionalInt.of(1480), Optional.of(true))));

        // when
        metrics.repaired(List.of(mtu));

        // then
        assertThat(metrics.scrape())
                .contains("iptunnel_repairs_total{field=\"mtu\"} 1.0")
                .contains("iptunnel_repairs_total{field=\"state\"} 1.0")
                .contains("iptunnel_repairs_total{field=\"interface\"} 0.0");
    }

    @Test
    void a_time_that_is_not_known_is_not_there() {
        // given
        AtomicReference<Optional<Instant>> contact = new AtomicReference<>(Optional.empty());
        metrics.watchApiServer(contact::get, () -> Map.of("iptunnels", 2L));

        // when
        String before = metrics.scrape();
        contact.set(Optional.of(Instant.ofEpochSecond(1_700_000_000)));
        String after = metrics.scrape();

        // then
        assertThat(before)
                .doesNotContain("iptunnel_last_api_contact_timestamp_seconds ")
                .contains("iptunnel_watch_restarts_total{resource=\"iptunnels\"} 2.0");
        assertThat(after).contains("iptunnel_last_api_contact_timestamp_seconds 1.7E9");
    }

    /** promtool check metrics asks for that, and for the endings of names. */
    @Test
    void each_metric_has_a_text_that_says_what_it_is() {
        // given
        metrics.build("1.2.3", "25");
        Metrics counted = metrics.operatorMetrics();
        counted.eventReceived(new Event(new ResourceID("to-berlin")), Map.of(Constants.CONTROLLER_NAME, "iptunnel"));

        // when
        List<String> lines = metrics.scrape().lines().toList();

        // then
        assertThat(lines).contains("iptunnel_build_info{java=\"25\",version=\"1.2.3\"} 1");
        assertThat(lines.stream().filter(line -> line.startsWith("# TYPE")).count())
                .isEqualTo(lines.stream()
                        .filter(line -> line.matches("# HELP \\S+ \\S.*"))
                        .count());
        assertThat(lines).noneMatch(line -> line.startsWith("system_cpu_count"));
    }
}
