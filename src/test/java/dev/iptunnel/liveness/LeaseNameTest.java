package dev.iptunnel.liveness;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LeaseNameTest {
    @Test
    void a_Lease_has_the_name_of_its_node() {
        assertThat(LeaseName.of("node1.example.org")).isEqualTo("agent.node1.example.org");
        assertThat(LeaseName.of("a".repeat(247))).isEqualTo("agent." + "a".repeat(247));
    }

    @Test
    void a_name_that_is_too_long_ends_with_a_hash() {
        String longest = "a".repeat(253);

        assertThat(LeaseName.of(longest)).isEqualTo("agent." + "a".repeat(200) + "32859a3ab65ac529");
        assertThat(LeaseName.of(longest.replaceFirst("a$", "b"))).isNotEqualTo(LeaseName.of(longest));
    }
}
