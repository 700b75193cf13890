package dev.iptunnel.libc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A process without rights binds the lock's name. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SquattedLockTest {
    private final String name = "iptunnel-test-" + UUID.randomUUID();

    @BeforeEach
    void only_root_can_become_another_user() {
        assumeTrue(Libc.geteuid() == 0);
    }

    private Squatter squat(Squatter.Kind kind, String user) throws IOException {
        return Squatter.start(kind, user, name);
    }

    @ParameterizedTest
    @EnumSource
    void a_process_without_rights_does_not_keep_the_lock_from_a_process_with_rights(Squatter.Kind kind)
            throws Exception {
        try (Squatter _ = squat(kind, Squatter.NOBODY)) {
            for (int start = 0; start < 3; start++) {
                try (AbstractSocketLock _ = acquired("first").lock()) {
                    assertIsHeldBy("first");
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void the_holder_stays_the_only_one_when_the_process_without_rights_ends(Squatter.Kind kind) throws Exception {
        AbstractSocketLock first;
        try (Squatter _ = squat(kind, Squatter.NOBODY)) {
            first = acquired("first").lock();
        }

        try (first) {
            assertIsHeldBy("first");
        }
        try (AbstractSocketLock _ = acquired("second").lock()) {
            assertIsHeldBy("second");
        }
    }

    private void assertIsHeldBy(String description) {
        try (LockHolder holder = ((AbstractSocketLock.Attempt.Held) attempt("another")).holder()) {
            assertThat(holder.identity())
                    .contains("pid " + ProcessHandle.current().pid() + " (")
                    .endsWith(", which says \"" + description + "\"");
            assertThat(holder.awaitRelease(Duration.ofMillis(20))).isFalse();
        }
    }

    @Test
    void a_process_without_rights_that_says_nothing_on_many_names_is_not_waited_for() throws Exception {
        try (Squatter _ = squat(Squatter.Kind.LISTENS_ON_MANY_NAMES, Squatter.NOBODY)) {
            long begin = System.nanoTime();

            try (AbstractSocketLock _ = acquired("first").lock()) {
                assertIsHeldBy("first");
            }

            assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(2));
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"LISTENS", "TALKS"})
    void the_ignored_process_is_named(Squatter.Kind kind) throws Exception {
        try (Squatter squatter = squat(kind, Squatter.NOBODY)) {
            AbstractSocketLock.Attempt.Acquired acquired = acquired("first");

            acquired.lock().close();
            assertThat(acquired.ignored()).hasValueSatisfying(holder -> assertThat(holder)
                    .startsWith("pid " + squatter.pid() + " (perl), uid 65534"));
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"LISTENS", "TALKS"})
    void a_process_with_rights_holds_the_lock_whatever_its_description_is(Squatter.Kind kind) throws Exception {
        try (Squatter squatter = squat(kind, "0");
                LockHolder holder = ((AbstractSocketLock.Attempt.Held) attempt("first")).holder()) {
            assertThat(holder.identity()).startsWith("pid " + squatter.pid() + " (perl), uid 0");
        }
    }

    private AbstractSocketLock.Attempt.Acquired acquired(String description) {
        return (AbstractSocketLock.Attempt.Acquired) attempt(description);
    }

    private AbstractSocketLock.Attempt attempt(String description) {
        return AbstractSocketLock.tryAcquire(name, description);
    }
}
