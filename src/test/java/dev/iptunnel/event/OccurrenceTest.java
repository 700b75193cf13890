package dev.iptunnel.event;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OccurrenceTest {
    private static String note(String note) {
        return new Occurrence("to-berlin", "uid", "Normal", "TunnelChanged", "Program", note).note();
    }

    @ParameterizedTest
    @ValueSource(strings = {"x", "é", "🚇"})
    void a_note_that_is_too_long_is_cut_to_the_bytes_that_the_API_server_accepts(String character) {
        // when
        String note = note(character.repeat(1025));

        // then
        assertThat(note).matches("(" + character + ")+…");
        assertThat(note.getBytes(UTF_8).length).isBetween(1020, 1024);
    }

    @Test
    void a_note_of_the_longest_length_is_kept() {
        // given
        String note = "x".repeat(1024);

        // then
        assertThat(note(note)).isEqualTo(note);
    }
}
