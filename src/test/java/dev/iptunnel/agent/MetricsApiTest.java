package dev.iptunnel.agent;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.iptunnel.api.Readmes;
import dev.iptunnel.kernel.KernelEvent;
import dev.iptunnel.observation.ObservedLink;
import dev.iptunnel.schedule.Clocks;
import java.io.IOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.slf4j.LoggerFactory;

/** What metrics, readiness, the status page and the log show of an agent at work. */
@Tag("api")
class MetricsApiTest {
    @RegisterExtension
    final AgentOfNode1 agent = new AgentOfNode1(Duration.ofMillis(200), Clocks.system());

    private boolean has(String line) {
        return agent.metrics().lines().anyMatch(line::equals);
    }

    private void awaitMetric(String line) {
        agent.await(line, () -> has(line));
    }

    private void removeFromKernel(String name) {
        ObservedLink link = agent.link(name).orElseThrow();
        synchronized (agent.kernel.node()) {
            agent.kernel.node().remove(link);
        }
        agent.kernel.tell(new KernelEvent.LinkChanged(name, true));
    }

    @Test
    void a_tunnel_has_series_from_its_creation_to_its_deletion() {
        // given
        agent.create("to-berlin", AgentOfNode1.ipip(1));
        agent.awaitInSync("to-berlin");

        // when
        awaitMetric("iptunnel_ready{tunnel=\"to-berlin\"} 1.0");
        boolean described = has(
                "iptunnel_info{interface=\"to-berlin\",local=\"192.0.2.1\",mode=\"ipip\",parent=\"eth0\",remote=\"198.51.100.1\",tunnel=\"to-berlin\"} 1");
        agent.delete("to-berlin");
        agent.await("no tunnel", () -> agent.link("to-berlin").isEmpty());

        // then
        assertThat(described).isTrue();
        agent.await("no series", () -> !agent.metrics().contains("to-berlin"));
    }

    @Test
    void the_README_has_each_metric_that_is_the_agent_s_own() throws IOException {
        // given
        agent.create("to-berlin", AgentOfNode1.ipip(1));
        agent.awaitInSync("to-berlin");
        awaitMetric("iptunnel_ready{tunnel=\"to-berlin\"} 1.0");
        String section = Readmes.section(Readmes.DEPLOY, "Observing the agent");

        // when
        List<String> names = agent.metrics()
                .lines()
                .filter(line -> line.startsWith("# TYPE iptunnel_"))
                .map(line -> line.split(" ", -1)[2])
                // "and the same with `transmit`"
                .map(name -> name.replace("_transmit_", "_receive_"))
                .toList();

        // then
        assertThat(names).hasSizeGreaterThan(15).allSatisfy(name -> assertThat(section)
                .contains("`" + name + "`"));
    }

    @Test
    void a_tunnel_whose_local_address_is_gone_is_not_ready_and_the_reason_is_a_label() {
        // given
        agent.create("to-berlin", AgentOfNode1.ipip(1));
        agent.awaitInSync("to-berlin");

        // when
        synchronized (agent.kernel.node()) {
            agent.kernel.node().localPresent(false);
        }
        agent.kernel.tell(new KernelEvent.EverythingChanged());

        // then
        awaitMetric("iptunnel_ready{tunnel=\"to-berlin\"} 0.0");
        assertThat(agent.metrics())
                .contains(
                        "iptunnel_not_ready_since_timestamp_seconds{reason=\"LocalAddressNotFound\",tunnel=\"to-berlin\"} ")
                .contains("iptunnel_tunnels{ready=\"false\"} 1.0");
        assertThat(agent.probe("/statusz")).contains("False").contains("LocalAddressNotFound");
    }

    @Test
    void a_repair_is_counted_by_what_had_been_changed() {
        // given
        agent.create("to-berlin", AgentOfNode1.ipip(1));
        agent.awaitInSync("to-berlin");

        // when
        removeFromKernel("to-berlin");

        // then
        awaitMetric("iptunnel_repairs_total{field=\"interface\"} 1.0");
        assertThat(has("iptunnel_repairs_total{field=\"mtu\"} 0.0")).isTrue();
        assertThat(agent.metrics()).contains("iptunnel_plan_duration_seconds_count{read=\"kernel\"}");
    }

    @Test
    void objects_that_wait_for_a_stuck_kernel_are_counted() {
        // given
        agent.kernel.hold();

        // when
        for (int i = 1; i <= 20; i++) {
            agent.create("stuck" + i, AgentOfNode1.ipip(i));
        }

        // then
        awaitMetric("iptunnel_queue_depth 4.0");
        agent.kernel.release();
        awaitMetric("iptunnel_queue_depth 0.0");
        awaitMetric("iptunnel_tunnels{ready=\"true\"} 20.0");
    }

    @Test
    void the_agent_is_ready_after_each_tunnel_of_the_first_list_was_reconciled() {
        // given
        agent.stop();
        agent.create("to-berlin", AgentOfNode1.ipip(1));
        agent.kernel.hold();
        agent.start();

        // when
        String waiting = agent.probe("/readyz");
        agent.kernel.release();

        // then
        assertThat(waiting)
                .startsWith(
                        "503 waiting: 1 of the 1 IpTunnels of the first list were not reconciled yet, such as to-berlin");
        agent.await("ready", () -> agent.probe("/readyz").startsWith("200"));
    }

    @Test
    void the_comparison_with_the_kernel_leaves_its_time() {
        agent.await("a comparison", () -> agent.metrics().contains("iptunnel_last_comparison_timestamp_seconds 1."));
        assertThat(agent.probe("/statusz")).contains("compared 0s ago").contains("queue:");
    }

    /** The lines that the log has meanwhile, at the levels of the program: INFO of its own, WARN of libraries. */
    private static List<String> logged(Runnable what) {
        Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        ListAppender<ILoggingEvent> lines = new ListAppender<>();
        lines.start();
        root.addAppender(lines);
        try {
            what.run();
        } finally {
            root.detachAppender(lines);
        }
        return Stream.of(lines.list.toArray(ILoggingEvent[]::new))
                .filter(line -> line.getLevel()
                        .isGreaterOrEqual(line.getLoggerName().startsWith("dev.iptunnel.") ? Level.INFO : Level.WARN))
                .map(ILoggingEvent::getFormattedMessage)
                .toList();
    }

    @Test
    void the_life_of_a_tunnel_is_four_lines() {
        // when
        List<String> lines = logged(() -> {
            agent.create("to-berlin", AgentOfNode1.ipip(1));
            agent.awaitInSync("to-berlin");
            agent.change("to-berlin", "ttl: 17");
            agent.awaitInSync("to-berlin");
            removeFromKernel("to-berlin");
            awaitMetric("iptunnel_repairs_total{field=\"interface\"} 1.0");
            agent.awaitInSync("to-berlin");
            agent.delete("to-berlin");
            agent.await("no tunnel", () -> agent.link("to-berlin").isEmpty());
            AgentOfNode1.settle();
        });

        // then
        assertThat(lines).hasSize(4);
        assertThat(lines.get(0)).startsWith("ip tunnel add to-berlin mode ipip");
        assertThat(lines.get(1))
                .startsWith("ip tunnel change to-berlin mode ipip")
                .contains("ttl 17");
        assertThat(lines.get(2)).startsWith("ip tunnel add to-berlin mode ipip");
        assertThat(lines.get(3)).isEqualTo("tunnel removed, its IpTunnel is gone");
        assertThat(lines).noneMatch(line -> line.contains("\n"));
    }

    /** In an hour there are 60 comparisons, and the API server ends each watch once. */
    @Test
    void an_agent_at_rest_logs_nothing_though_it_compares_everything_and_watches_end_again_and_again() {
        // given
        agent.stop();
        agent.api.endWatchesAfter(2);
        agent.start();
        agent.create("to-berlin", AgentOfNode1.ipip(1));
        agent.awaitInSync("to-berlin");
        AgentOfNode1.settle();
        Set<String> comparisons = new HashSet<>();

        // when
        List<String> lines = logged(() -> {
            agent.await("20 comparisons", () -> {
                comparisons.add(metric("iptunnel_last_comparison_timestamp_seconds "));
                return comparisons.size() > 20;
            });
            agent.await("each watch was opened again", () -> agent.api.contact().restarts().values().stream()
                    .allMatch(restarts -> restarts > 2));
        });

        // then
        assertThat(lines).isEmpty();
    }

    /** The value of the line that begins so; empty if there is none. */
    private String metric(String begin) {
        return agent.metrics()
                .lines()
                .filter(line -> line.startsWith(begin))
                .map(line -> line.substring(begin.length()))
                .findFirst()
                .orElse("");
    }
}
