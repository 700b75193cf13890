package dev.iptunnel.set.revision;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RevisionsTest {
    private static Revisions known(int count, Optional<String> current) {
        List<Revision> revisions = IntStream.rangeClosed(1, count)
                .mapToObj(i -> new Revision("a-r" + i, i, "text" + i))
                .toList();
        return new Revisions("a", revisions, current, List.of());
    }

    @Test
    void the_same_text_is_the_same_revision() {
        assertThat(known(3, Optional.empty()).target("text2", List.of()))
                .isEqualTo(new Revisions.Target(new Revision("a-r2", 2, "text2"), false));
    }

    @Test
    void another_text_gets_the_next_number() {
        assertThat(known(3, Optional.empty()).target("new", List.of()))
                .isEqualTo(new Revisions.Target(new Revision("a-r4", 4, "new"), true));
    }

    @Test
    void a_number_that_a_tunnel_has_is_not_used_again_after_the_revisions_are_lost() {
        Revisions lost = new Revisions("a", List.of(), Optional.of("a-r2"), List.of("a-r3"));
        assertThat(lost.target("new", List.of("a-r7", "a-b-r9", "a-r"))
                        .revision()
                        .name())
                .isEqualTo("a-r8");
        assertThat(lost.target("new", List.of()).revision().name()).isEqualTo("a-r4");
    }

    @Test
    void old_revisions_are_superfluous_unless_something_needs_them() {
        Revisions revisions = known(10, Optional.of("a-r1")).withFailed("a-r2");
        assertThat(revisions.superfluous(3, List.of("a-r3", "a-r10")))
                .extracting(Revision::name)
                .containsExactly("a-r4", "a-r5", "a-r6");
        assertThat(revisions.superfluous(100, List.of())).isEmpty();
    }

    @Test
    void the_last_five_failures_are_remembered_and_a_good_revision_is_none() {
        Revisions revisions = known(8, Optional.empty());
        for (int i = 1; i <= 7; i++) {
            revisions = revisions.withFailed("a-r" + i);
        }
        assertThat(revisions.failed()).containsExactly("a-r3", "a-r4", "a-r5", "a-r6", "a-r7");
        assertThat(revisions.withFailed("a-r3").failed()).last().isEqualTo("a-r3");
        assertThat(revisions.withCurrent("a-r4").failed()).containsExactly("a-r3", "a-r5", "a-r6", "a-r7");
    }
}
