package dev.iptunnel.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.iptunnel.agent.Scenario.Variant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ScenarioTest {
    private static final ModeValues VALUES = ModeValues.of(
            """
            | name | ipip | sit |
            | --- | --- | --- |
            | `${mode}` | `ipip` | `sit` |
            | `${address}` | `10.7.0.1/30` | `fd00:7::1/64` |
            | `${remote}` | `192.0.2.2` | `192.0.2.2` |
            """);

    private static final String TEXT =
            """
            # about it
            modes: ipip, sit

            -- desired --
            mode: ${mode}
            ttl: 64   # only sit
            ttl: 255  # not sit

            -- observed --
            - ${address}

            -- plan (ipip) --
            # it is made anew
            ip address add ${address}

            -- plan (sit) --
            """;

    private static final Variant IPIP = variant("ipip");
    private static final Variant SIT = variant("sit");

    @Test
    void is_a_test_for_each_mode() {
        Scenario scenario = scenario(TEXT);

        assertThat(scenario.variants()).containsExactly(IPIP, SIT);
        assertThat(scenario.desired(IPIP)).isEqualTo("mode: ipip\nttl: 255\n");
        assertThat(scenario.desired(SIT)).isEqualTo("mode: sit\nttl: 64\n");
        assertThat(scenario.observed(SIT)).isEqualTo("- fd00:7::1/64\n");
        assertThat(scenario.plan(IPIP)).contains("# it is made anew\nip address add 10.7.0.1/30\n");
        assertThat(scenario.plan(SIT)).contains("");
    }

    @Test
    void is_a_test_for_each_case_with_each_mode() {
        Scenario scenario = scenario(TEXT.replace("sit\n\n-- desired", "sit\ncases: up, gone for good\n\n-- desired"));

        assertThat(scenario.variants().stream().map(scenario::nameOf))
                .containsExactly(
                        "example: up (ipip)",
                        "example: gone for good (ipip)",
                        "example: up (sit)",
                        "example: gone for good (sit)");
    }

    /** Each part would be used by no test, or is no condition at all. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "-- plan (sit) -- | -- plan (ipip6) --          | no mode and no case",
                "# only sit       | # only gone                 | no mode and no case",
                "# not sit        | # not sit, ipip             | are all of this file",
                "-- plan (sit) -- | -- plan --                  | two plans for example (ipip)",
                "-- observed --   | -- desired --               | one observation",
                "modes: ipip, sit | cases: up                   | must have modes",
                "# about it       | mode: sit                   | unexpected line",
                "# about it       | modes: sit                  | unexpected line"
            })
    void refuses_what_no_test_uses(String part, String by, String message) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> scenario(TEXT.replace(part, by)))
                .withMessageContaining(message);
    }

    @Test
    void refuses_a_name_that_the_table_lacks() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> scenario(TEXT.replace("${mode}", "${mod}")).desired(SIT))
                .withMessageContaining("${mod}");
    }

    @Test
    void lacks_a_plan_that_is_not_written_yet() {
        assertThat(scenario(TEXT.replace("-- plan (sit) --", "")).plan(SIT)).isEmpty();
    }

    @Test
    void writes_plans_that_differ_only_in_what_follows_from_the_mode_once() {
        String text = scenario(TEXT)
                .withPlans(plans(
                        "ip address add 10.7.0.1/30 peer 192.0.2.2\n", "ip address add fd00:7::1/64 peer 192.0.2.2\n"));

        assertThat(text)
                .endsWith(
                        """
                - ${address}

                -- plan --
                ip address add ${address} peer 192.0.2.2
                """);
        assertThat(scenario(text).plan(SIT)).contains("ip address add fd00:7::1/64 peer 192.0.2.2\n");
    }

    @Test
    void writes_plans_that_differ_apart() {
        String text = scenario(TEXT).withPlans(plans("ip address add 10.7.0.1/30\n", ""));

        assertThat(text)
                .endsWith(
                        """
                - ${address}

                -- plan (ipip) --
                ip address add 10.7.0.1/30

                -- plan (sit) --
                """);
    }

    private static Map<Variant, String> plans(String ipip, String sit) {
        Map<Variant, String> plans = new LinkedHashMap<>();
        plans.put(IPIP, ipip);
        plans.put(SIT, sit);
        return plans;
    }

    private static Scenario scenario(String text) {
        return new Scenario("example", text, VALUES);
    }

    private static Variant variant(String mode) {
        return new Scenario("example", TEXT, VALUES)
                .variants().stream()
                        .filter(each -> each.mode().equals(mode))
                        .findFirst()
                        .orElseThrow();
    }
}
