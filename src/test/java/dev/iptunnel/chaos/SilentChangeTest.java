package dev.iptunnel.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.iptunnel.chaos.NodeSnapshot.ShownLink;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SilentChangeTest {
    private static final ShownLink LINK = new ShownLink(JsonNodeFactory.instance
            .objectNode()
            .put("ifname", "if1-1")
            .put("ifalias", "iptunnel.dev/v1 manager=m uid=u deletion=Delete name=chaos1-01"));

    @Test
    void it_explains_what_is_wrong_with_its_tunnel_and_its_object_alone() {
        // given
        SilentChange change = SilentChange.now("node1", LINK);
        Look look = new Look(
                List.of("node1: if1-1 ttl 9, not 64", "node1: if1-10 ttl 9, not 64", "node2: if1-1 ttl 9, not 64"),
                List.of("status of chaos1-01: no Ready", "status of chaos1-011: no Ready"),
                Map.of(),
                new Tally());

        // when
        List<String> problems = look.without(List.of(change)).problems();

        // then
        assertThat(problems)
                .containsExactly(
                        "node1: if1-10 ttl 9, not 64", "node2: if1-1 ttl 9, not 64", "status of chaos1-011: no Ready");
    }

    @Test
    void its_time_ends() {
        // given
        SilentChange now = SilentChange.now("node1", LINK);

        // when
        SilentChange earlier =
                new SilentChange("node1", "if1-1", "chaos1-01", Instant.now().minusMillis(1));

        // then
        assertThat(now.isOver()).isFalse();
        assertThat(earlier.isOver()).isTrue();
    }
}
