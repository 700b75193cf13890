package dev.iptunnel.diagnosis.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.diagnosis.Check;
import dev.iptunnel.diagnosis.Diagnosis;
import dev.iptunnel.diagnosis.Finding;
import dev.iptunnel.diagnosis.Result;
import dev.iptunnel.plan.Reason;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class DiagnosisTextTest {
    private static final Diagnosis DOWN = new Diagnosis(
            "tun",
            List.of(
                    new Finding(
                            Check.STATE,
                            Result.FAIL,
                            "interface tun is down",
                            Optional.of("ip link set dev tun up"),
                            Optional.of(Reason.LINK_DOWN)),
                    new Finding(
                            Check.MTU,
                            Result.OK,
                            "many words ".repeat(12).strip(),
                            Optional.empty(),
                            Optional.empty())));

    @Test
    void one_tunnel_is_its_checks_and_the_root_cause_within_100_columns() {
        String words = "many words ".repeat(6).strip();
        assertThat(new DiagnosisText(false).of(DOWN))
                .isEqualTo(
                        """
                tunnel tun
                FAIL     state            interface tun is down [LinkDown]
                                          -> ip link set dev tun up
                ok       mtu              %s many
                                          %s

                root cause: state: interface tun is down
                """
                                .formatted(
                                        words,
                                        "words " + "many words ".repeat(5).strip()));
    }

    @Test
    void all_tunnels_have_a_line_and_the_failed_ones_their_checks() {
        Diagnosis fine = new Diagnosis("other", List.of());

        assertThat(new DiagnosisText(false).ofAll(List.of(fine, DOWN)))
                .startsWith(
                        """
                        ok       other  nothing failed
                        FAIL     tun    state: interface tun is down

                        tunnel tun
                        """);
        assertThat(new DiagnosisText(false).ofAll(List.of())).contains("no tunnel");
    }

    @Test
    void colour_changes_nothing_but_adds_escapes() {
        assertThat(new DiagnosisText(true).of(DOWN).replaceAll("\u001b\\[[0-9]+m", ""))
                .isEqualTo(new DiagnosisText(false).of(DOWN));
        assertThat(new DiagnosisText(true).of(DOWN)).contains("\u001b[31m");
    }
}
