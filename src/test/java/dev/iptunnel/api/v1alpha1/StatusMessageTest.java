package dev.iptunnel.api.v1alpha1;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class StatusMessageTest {
    @Test
    void keeps_a_message_that_is_short_enough() {
        // given
        String message = "🚇".repeat(StatusMessage.MOST);

        // then
        assertThat(StatusMessage.bounded(message)).isEqualTo(message);
    }

    @Test
    void cuts_a_longer_one_between_characters_and_says_how_much_is_left_out() {
        // given
        String message = "x" + "🚇".repeat(40_000);

        // when
        String bounded = StatusMessage.bounded(message);

        // then
        assertThat(bounded).startsWith("x🚇").matches("x(🚇)+\\.\\.\\. \\(31873 more characters\\)");
        assertThat(bounded.codePointCount(0, bounded.length())).isLessThanOrEqualTo(StatusMessage.MOST);
        assertThat(StatusMessage.bounded(bounded)).isEqualTo(bounded);
    }
}
