package dev.iptunnel.controller.health;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.api.Readmes;
import dev.iptunnel.api.v1alpha1.set.IpTunnelSetStatus;
import dev.iptunnel.api.v1alpha1.set.NodeCounts;
import dev.iptunnel.api.v1alpha1.set.PoolCounts;
import dev.iptunnel.api.v1alpha1.set.RolloutStatus;
import dev.iptunnel.api.v1alpha1.set.TunnelCounts;
import dev.iptunnel.liveness.AgentVerdict;
import dev.iptunnel.pairing.PairReason;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ControllerMetricsTest {
    private static final Pattern SERIES = Pattern.compile("(?m)^(iptunnel\\w+)(?:\\{(.*)})? ");
    private static final Pattern LABEL = Pattern.compile("(\\w+)=\"([^\"]*)\"");
    private static final Pattern ROW = Pattern.compile("(?m)^\\| `(iptunnel\\w+)` \\|([^|]*)\\|([^|]*)\\|$");

    private final ControllerMetrics metrics = new ControllerMetrics();

    private static IpTunnelSetStatus rollingOut() {
        return new IpTunnelSetStatus(
                1L,
                "backbone-r1",
                "backbone-r2",
                List.of(),
                0,
                new NodeCounts(9, 8, 7, 6, 5, 4, 3, 2),
                new TunnelCounts(19, 18, 17, 16, 15, 14),
                new PoolCounts(254, 9, 1),
                new RolloutStatus("Rolling", "1970-01-01T00:01:40Z", null, null, null),
                List.of(),
                List.of(new ConditionBuilder()
                        .withType("Ready")
                        .withStatus("False")
                        .build()));
    }

    private String page() {
        metrics.build("1.2.3", "25");
        metrics.wrote("iptunnels", "patch", 200);
        metrics.watchLeadership(() -> true);
        metrics.watchQueue(() -> 2);
        metrics.watchAgents(() ->
                Arrays.stream(AgentVerdict.values()).collect(Collectors.toMap(ControllerMetrics::label, _ -> 1L)));
        metrics.watchPairs(() -> Map.of(PairReason.PEER_READY, 4L));
        metrics.watchSets(() -> Map.of("backbone", rollingOut()));
        return new String(metrics.page(), UTF_8);
    }

    private static List<String> labels(MatchResult series) {
        return LABEL.matcher(series.group(2) == null ? "" : series.group(2))
                .results()
                .map(label -> label.group(1))
                .sorted()
                .toList();
    }

    @Test
    void the_README_has_each_metric_with_its_labels_and_no_other_one() throws IOException {
        // given
        Map<String, List<String>> documented = ROW.matcher(
                        Readmes.section(Readmes.DEPLOY, "IpTunnelSets: the controller"))
                .results()
                .collect(Collectors.toMap(row -> row.group(1), row -> Stream.of(
                                row.group(2).strip().split(", ", -1))
                        .filter(label -> !label.isEmpty())
                        .sorted()
                        .toList()));

        // when
        Map<String, List<String>> served = SERIES.matcher(page())
                .results()
                .collect(Collectors.toMap(series -> series.group(1), ControllerMetricsTest::labels, (one, _) -> one));

        // then
        assertThat(served).isEqualTo(documented);
    }

    @Test
    void the_README_has_each_state_that_is_counted() throws IOException {
        // given
        Map<String, String> meanings = ROW.matcher(Readmes.section(Readmes.DEPLOY, "IpTunnelSets: the controller"))
                .results()
                .collect(Collectors.toMap(row -> row.group(1), row -> row.group(3)));

        // when
        List<MatchResult> states = SERIES.matcher(page())
                .results()
                .filter(series -> labels(series).contains("state"))
                .toList();

        // then
        assertThat(states).hasSizeGreaterThan(20).allSatisfy(series -> {
            String state = LABEL.matcher(series.group(2))
                    .results()
                    .filter(label -> label.group(1).equals("state"))
                    .map(label -> label.group(2))
                    .findFirst()
                    .orElseThrow();
            assertThat(meanings.get(series.group(1))).contains("`" + state + "`");
        });
    }

    @Test
    void the_status_of_a_set_is_counted_as_it_is() {
        assertThat(page().lines())
                .contains(
                        "iptunnelset_nodes{set=\"backbone\",state=\"deferred\"} 4.0",
                        "iptunnelset_tunnels{set=\"backbone\",state=\"failed\"} 14.0",
                        "iptunnelset_addresses{set=\"backbone\",state=\"used\"} 9.0",
                        "iptunnelset_condition{set=\"backbone\",status=\"False\",type=\"Ready\"} 1.0",
                        "iptunnelset_condition{set=\"backbone\",status=\"True\",type=\"Ready\"} 0.0",
                        "iptunnelset_rollout_started_timestamp_seconds{set=\"backbone\"} 100.0");
    }
}
