package dev.iptunnel.event;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The API server counts the bytes of the fields of an Event. */
class OccurrenceTest {
    private static final int NOTE = 1024;
    private static final int WORD = 128;

    /** Characters of one to four bytes. */
    @ParameterizedTest
    @ValueSource(strings = {"a", "ü", "→", "😀", "aü→😀", "😀→üa"})
    void texts_of_any_length_have_no_more_bytes_than_the_API_server_permits(String pattern) {
        for (int before = 0; before < 4; before++) {
            for (int length = 0; length <= NOTE + 5; length++) {
                String text = "x".repeat(before) + pattern.repeat(length);

                Occurrence occurrence = occurrence(text);

                assertCut(occurrence.note(), text, NOTE);
                assertCut(occurrence.reason(), text, WORD);
                assertCut(occurrence.action(), text, WORD);
                assertCut(reporter(text).instance(), text, WORD);
            }
        }
    }

    /** As long as possible: a further character and the "…" would have been too much. */
    private static void assertCut(String cut, String text, int most) {
        if (bytes(text) <= most) {
            assertThat(cut).isEqualTo(text);
        } else {
            String begin = cut.substring(0, cut.length() - 1);
            assertThat(cut).endsWith("…");
            assertThat(text).startsWith(begin);
            assertThat(bytes(cut)).isLessThanOrEqualTo(most);
            assertThat(bytes(cut) + bytes(Character.toString(text.codePointAt(begin.length()))))
                    .isGreaterThan(most);
        }
    }

    @Test
    void a_note_of_1024_bytes_is_left_as_it_is_and_one_of_1025_is_cut() {
        assertThat(occurrence("x".repeat(1024)).note()).isEqualTo("x".repeat(1024));
        assertThat(occurrence("x".repeat(1025)).note()).isEqualTo("x".repeat(1021) + "…");
        assertThat(occurrence("x".repeat(1020) + "😀x").note()).isEqualTo("x".repeat(1020) + "…");
    }

    private static int bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }

    private static Occurrence occurrence(String text) {
        return new Occurrence("to-berlin", "uid", "Normal", text, text, text);
    }

    private static EventWriter.Reporter reporter(String text) {
        return new EventWriter.Reporter("iptunnel.dev/agent", text, "iptunnel.dev/v1alpha1", "IpTunnel", "tunnel");
    }
}
