package dev.iptunnel.controller.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.api.v1alpha1.set.IpTunnelSet;
import dev.iptunnel.api.v1alpha1.set.IpTunnelSetStatus;
import dev.iptunnel.api.v1alpha1.set.TunnelCounts;
import dev.iptunnel.controller.spec.SetFinding;
import dev.iptunnel.set.SetProblem;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class HaltedStatusTest {
    private static final Clock WALL = Clock.fixed(Instant.parse("2026-01-02T03:04:05Z"), ZoneOffset.UTC);
    private static final TunnelCounts COUNTS = new TunnelCounts(6, 6, 6, 6, 0, 0);

    private static HaltedStatus after(Condition... conditions) {
        IpTunnelSet set = new IpTunnelSet();
        set.setMetadata(
                new ObjectMetaBuilder().withName("backbone").withGeneration(2L).build());
        return new HaltedStatus(
                set,
                Optional.of(new IpTunnelSetStatus(
                        1L,
                        "backbone-r1",
                        "backbone-r1",
                        List.of(),
                        0,
                        null,
                        COUNTS,
                        null,
                        null,
                        List.of(),
                        List.of(conditions))),
                WALL);
    }

    private static Condition condition(String type, String status) {
        return new ConditionBuilder()
                .withType(type)
                .withStatus(status)
                .withReason("Before")
                .withMessage("as it was")
                .withLastTransitionTime("2026-01-01T00:00:00Z")
                .build();
    }

    private static List<String> texts(IpTunnelSetStatus status) {
        return status.conditions().stream()
                .map(condition -> condition.getType() + "=" + condition.getStatus() + " " + condition.getReason())
                .toList();
    }

    @Test
    void a_set_whose_spec_is_wrong_stalls_for_the_reason_of_the_first_finding_and_keeps_its_counts() {
        IpTunnelSetStatus status = after(condition("Ready", "True"), condition("Available", "True"))
                .invalid(List.of(
                        new SetFinding(SetFinding.INVALID_SPEC, "spec.maxTunnels", "write 1 to 100000"),
                        new SetFinding(SetFinding.INVALID_TEMPLATE, "spec.template.spec.mtu", "write another")));

        assertThat(texts(status))
                .containsExactly(
                        "Ready=False InvalidSpec",
                        "Progressing=False InvalidSpec",
                        "Stalled=True InvalidSpec",
                        "Available=True Before");
        assertThat(status.tunnels()).isEqualTo(COUNTS);
        assertThat(status.problems()).hasSize(2);
        assertThat(status.observedGeneration()).isEqualTo(2);
    }

    @Test
    void a_condition_that_keeps_its_status_keeps_its_time() {
        IpTunnelSetStatus status = after(condition("Ready", "False"), condition("Stalled", "True"))
                .stalled(new SetProblem("", "", "PoolConflict", "write another pool"));

        assertThat(status.conditions())
                .filteredOn(condition -> !condition.getType().equals("Progressing"))
                .extracting(Condition::getLastTransitionTime)
                .containsOnly("2026-01-01T00:00:00Z");
    }

    @Test
    void without_a_list_of_Nodes_nothing_is_known_and_a_former_stall_is_not_repeated() {
        IpTunnelSetStatus status =
                after(condition("Ready", "True"), condition("Stalled", "True")).blind();

        assertThat(texts(status)).containsExactly("Ready=Unknown NodeListUnavailable");
    }
}
