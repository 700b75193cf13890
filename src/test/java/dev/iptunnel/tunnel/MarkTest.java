package dev.iptunnel.tunnel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class MarkTest {
    private static final int ALIAS_BYTES = 255;
    private static final int FREE_BYTES = 69;
    private static final String V1 =
            "iptunnel.dev/v1 manager=" + Marks.MANAGER + " uid=" + Marks.UID + " deletion=Delete name=to-berlin";

    @Test
    void is_written_in_a_format_that_never_changes() {
        // given
        Mark mark = Marks.of("to-berlin");

        // when
        String alias = mark.toString();

        // then
        assertThat(alias).isEqualTo(V1);
    }

    @ParameterizedTest
    @EnumSource
    void reads_what_it_wrote(DeletionPolicy policy) {
        // given
        Mark mark = new Mark("cli", Marks.UID, policy, "to-berlin");

        // when
        Optional<Mark> read = Mark.parse(mark.toString());

        // then
        assertThat(read).contains(mark);
    }

    @Test
    void ignores_words_of_later_releases_in_any_place() {
        // given
        String alias = V1.replace(" uid=", " addresses=3f2a uid=") + " color=blue";

        // when
        Optional<Mark> read = Mark.parse(alias);

        // then
        assertThat(read).contains(Marks.of("to-berlin"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"iptunnel.dev/v2", "iptunnel.dev/v10", "iptunnel.dev/v1beta1", "iptunnel.dev/"})
    void of_another_version_is_recognised_but_not_read(String format) {
        // given
        String alias = V1.replace("iptunnel.dev/v1", format);

        // when
        Optional<Mark> read = Mark.parse(alias);

        // then
        assertThat(read).isEmpty();
        assertThat(Mark.isClaimed(alias)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "iptunnel.dev/v1",
                "iptunnel.dev/v1 manager=m uid=u deletion=Delete",
                "iptunnel.dev/v1 manager=m uid=u name=n",
                "iptunnel.dev/v1 manager=m deletion=Delete name=n",
                "iptunnel.dev/v1 uid=u deletion=Delete name=n",
                "iptunnel.dev/v1 manager= uid=u deletion=Delete name=n",
                "iptunnel.dev/v1 manager=m uid=u deletion=delete name=n",
                "iptunnel.dev/v1 manager=m uid=u deletion=Delete name=n uid=other",
                "iptunnel.dev/v1  manager=m uid=u deletion=Delete name=n",
                "iptunnel.dev/v1 manager=m uid=u deletion=Delete name=n ",
                "iptunnel.dev/v1 manager=m uid=u deletion=Delete name=a=b",
                "iptunnel.dev/v1 manager=m uid=u deletion=Delete name=n stray",
                "iptunnel.dev/v1 manager=m uid=u deletion=Delete name=n =x",
            })
    void that_is_damaged_is_recognised_but_not_read(String alias) {
        // when
        Optional<Mark> read = Mark.parse(alias);

        // then
        assertThat(read).isEmpty();
        assertThat(Mark.isClaimed(alias)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "uplink to Berlin", " iptunnel.dev/v1 manager=m", "IPTUNNEL.DEV/v1", "iptunnel.device"})
    void is_not_found_in_an_alias_of_others(String alias) {
        // when
        boolean claimed = Mark.isClaimed(alias);

        // then
        assertThat(claimed).isFalse();
        assertThat(Mark.parse(alias)).isEmpty();
    }

    @Test
    void leaves_room_in_the_alias_with_the_longest_values() {
        // given
        Mark longest = new Mark("m".repeat(36), "u".repeat(36), DeletionPolicy.RETAIN, "n".repeat(Mark.MAX_NAME));

        // when
        int bytes = longest.toString().getBytes(StandardCharsets.UTF_8).length;

        // then
        assertThat(bytes).isEqualTo(ALIAS_BYTES - FREE_BYTES);
    }

    @ParameterizedTest
    @ValueSource(ints = {37, 64, 300})
    void cannot_have_a_manager_or_uid_that_is_too_long(int length) {
        // given
        String value = "x".repeat(length);

        // when
        var refused = assertThatIllegalArgumentException()
                .isThrownBy(() -> new Mark(value, Marks.UID, DeletionPolicy.DELETE, "n"));

        // then
        refused.withMessageContaining("manager").withMessageContaining("1 to 36");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "two words", "a=b", "ü", "tab\there"})
    void cannot_have_a_name_that_is_not_one_word(String name) {
        // when
        var refused = assertThatIllegalArgumentException().isThrownBy(() -> Marks.of(name));

        // then
        refused.withMessageContaining("name").withMessageContaining("1 to 63");
    }

    @Test
    void is_not_read_with_a_name_that_is_too_long() {
        // given
        String alias = V1.replace("to-berlin", "n".repeat(Mark.MAX_NAME + 1));

        // when
        Optional<Mark> read = Mark.parse(alias);

        // then
        assertThat(read).isEmpty();
    }

    @Test
    void belongs_only_to_its_manager() {
        // given
        Mark mark = Marks.of("to-berlin");

        // when
        boolean others = mark.isOf("33333333-3333-4333-8333-333333333333");

        // then
        assertThat(others).isFalse();
        assertThat(mark.isOf(Marks.MANAGER)).isTrue();
    }
}
