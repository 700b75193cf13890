package dev.iptunnel.libc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A process without rights binds the lock's name. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SquattedLockTest {
    /** The program of the process, in Perl. */
    enum Squatter {
        LISTENS("listen(S, 5);"),
        TALKS(
                "listen(S, 5); if (fork() == 0) { while (accept(C, S)) { syswrite(C, \"the agent\\n\"); push @c, *C; } }"),
        ACCEPTS_NOBODY("listen(S, 1);"),
        DOES_NOT_LISTEN(""),
        HAS_A_FULL_QUEUE("listen(S, 0); for (1..4) { if (fork() == 0) { socket(my $c, AF_UNIX, SOCK_STREAM, 0);"
                + " connect($c, $a); sleep 60; exit } } sleep 1;");

        private final String script;

        Squatter(String script) {
            this.script = script;
        }
    }

    private final String name = "iptunnel-test-" + UUID.randomUUID();
    private @Nullable Process process;

    @BeforeEach
    void only_root_can_become_another_user() {
        assumeTrue(Libc.geteuid() == 0);
    }

    @AfterEach
    void end() {
        if (process != null) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
    }

    private void squat(Squatter squatter, String user) throws IOException {
        String script =
                "use Socket; $| = 1; $a = pack_sockaddr_un(\"\\0$ARGV[0]\"); socket(S, AF_UNIX, SOCK_STREAM, 0);"
                        + " bind(S, $a) or die; " + squatter.script + " print \"bound\\n\"; sleep 60;";
        Process started = new ProcessBuilder("setpriv", "--reuid=" + user, "--clear-groups", "perl", "-e", script, name)
                .redirectErrorStream(true)
                .start();
        process = started;
        assertThat(started.inputReader().readLine()).isEqualTo("bound");
    }

    @ParameterizedTest
    @EnumSource
    void a_process_without_rights_does_not_keep_the_lock_from_a_process_with_rights(Squatter squatter)
            throws Exception {
        squat(squatter, "65534");

        for (int start = 0; start < 3; start++) {
            try (AbstractSocketLock _ = ((AbstractSocketLock.Attempt.Acquired) attempt("first")).lock();
                    LockHolder holder = ((AbstractSocketLock.Attempt.Held) attempt("second")).holder()) {
                assertThat(holder.identity())
                        .contains("pid " + ProcessHandle.current().pid() + " (")
                        .endsWith(", which says \"first\"");
                assertThat(holder.awaitRelease(Duration.ofMillis(20))).isFalse();
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"LISTENS", "TALKS"})
    void the_ignored_process_is_named(Squatter squatter) throws Exception {
        squat(squatter, "65534");

        AbstractSocketLock.Attempt.Acquired acquired = (AbstractSocketLock.Attempt.Acquired) attempt("first");

        acquired.lock().close();
        assertThat(acquired.ignored()).hasValueSatisfying(holder -> assertThat(holder)
                .startsWith("pid " + Objects.requireNonNull(process).pid() + " (perl), uid 65534"));
    }

    @ParameterizedTest
    @EnumSource(names = {"LISTENS", "TALKS"})
    void a_process_with_rights_holds_the_lock_whatever_its_description_is(Squatter squatter) throws Exception {
        squat(squatter, "0");

        try (LockHolder holder = ((AbstractSocketLock.Attempt.Held) attempt("first")).holder()) {
            assertThat(holder.identity())
                    .startsWith("pid " + Objects.requireNonNull(process).pid() + " (perl), uid 0");
        }
    }

    private AbstractSocketLock.Attempt attempt(String description) {
        return AbstractSocketLock.tryAcquire(name, description);
    }
}
