package dev.iptunnel.libc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.sun.jna.Pointer;
import dev.iptunnel.errno.Errno;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class AbstractSocketLockTest {
    private final String name = "iptunnel-test-" + UUID.randomUUID();

    @Test
    void only_one_holds_it_and_the_other_is_told_who() {
        try (AbstractSocketLock _ = acquired("agent, pid 17");
                LockHolder holder = held()) {
            assertThat(said(holder)).isEqualTo("agent, pid 17");
            assertThat(holder.awaitRelease(Duration.ofMillis(20))).isFalse();
        }
    }

    @Test
    void it_can_be_taken_when_it_was_given_back() {
        acquired("first").close();

        acquired("second").close();
    }

    @Test
    void giving_it_back_wakes_the_one_who_waits_and_who_then_gets_it() {
        AbstractSocketLock lock = acquired("first");
        try (LockHolder holder = held()) {
            CompletableFuture.delayedExecutor(100, TimeUnit.MILLISECONDS).execute(lock::close);

            assertThat(holder.awaitRelease(Duration.ofSeconds(10))).isTrue();
            acquired("second").close();
        }
    }

    @Test
    void many_may_wait_and_exactly_one_gets_it_at_a_time() {
        AbstractSocketLock lock = acquired("first");
        for (int i = 0; i < 200; i++) {
            held().close();
        }
        try (LockHolder one = held();
                LockHolder other = held()) {
            lock.close();

            assertThat(one.awaitRelease(Duration.ofSeconds(10))).isTrue();
            assertThat(other.awaitRelease(Duration.ofSeconds(10))).isTrue();
            try (AbstractSocketLock _ = acquired("second");
                    LockHolder second = held()) {
                assertThat(said(second)).isEqualTo("second");
            }
        }
    }

    @Test
    void those_who_come_and_go_do_not_drive_out_the_one_who_waits() {
        try (AbstractSocketLock _ = acquired("first");
                LockHolder patient = held()) {
            for (int i = 0; i < 200; i++) {
                held().close();
            }

            assertThat(patient.awaitRelease(Duration.ofMillis(50))).isFalse();
        }
    }

    @Test
    void a_description_is_bounded_and_printable() {
        String hostile = "\u001b[31mé\n\0" + "x".repeat(1_000_000);
        try (AbstractSocketLock _ = acquired(hostile);
                LockHolder holder = held()) {
            assertThat(said(holder)).startsWith("?[31m???xxx").hasSizeLessThanOrEqualTo(256);
        }
    }

    @Test
    void what_a_hostile_holder_says_is_bounded_and_printable() {
        byte[] flood = new byte[100_000];
        for (int i = 0; i < flood.length; i++) {
            flood[i] = (byte) i;
        }
        flood[10] = 11; // no end of the line
        try (Stranger _ = new Stranger(name, flood);
                LockHolder holder = held()) {
            assertThat(said(holder)).matches("[ -~]*").contains("abc").hasSizeLessThanOrEqualTo(LockHolder.DESCRIPTION);
        }
    }

    @Test
    void a_holder_that_says_nothing_holds_it_all_the_same() {
        try (Stranger _ = new Stranger(name, new byte[0]);
                LockHolder holder = held()) {
            assertThat(said(holder)).isEmpty();
        }
    }

    @Test
    void closing_ends_the_wait() {
        try (AbstractSocketLock _ = acquired("first")) {
            LockHolder holder = held();
            CompletableFuture.delayedExecutor(100, TimeUnit.MILLISECONDS).execute(holder::close);

            assertThatExceptionOfType(LibcException.class)
                    .isThrownBy(() -> holder.awaitRelease(Duration.ofSeconds(10)))
                    .satisfies(e -> assertThat(e.errno()).isEqualTo(Errno.EBADF));
        }
    }

    @Test
    void a_holder_that_is_killed_gives_it_back() throws Exception {
        Process process = new ProcessBuilder(
                        ProcessHandle.current().info().command().orElseThrow(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Holding.class.getName(),
                        name)
                .redirectErrorStream(true)
                .start();
        assertThat(process.inputReader().readLine()).isEqualTo("held");
        try (LockHolder holder = held()) {
            assertThat(said(holder)).isEqualTo("a process");
            process.destroyForcibly();

            assertThat(holder.awaitRelease(Duration.ofSeconds(10))).isTrue();
            acquired("after it").close();
        }
    }

    private AbstractSocketLock acquired(String description) {
        return ((AbstractSocketLock.Attempt.Acquired) AbstractSocketLock.tryAcquire(name, description)).lock();
    }

    private LockHolder held() {
        return ((AbstractSocketLock.Attempt.Held) AbstractSocketLock.tryAcquire(name, "another")).holder();
    }

    /** What the holder says of itself; empty where it says nothing. */
    private static String said(LockHolder holder) {
        String[] parts = holder.identity().split(", which says ", 2);
        return parts.length == 1 ? "" : parts[1].substring(1, parts[1].length() - 1);
    }

    /** Takes the lock and sleeps. */
    static final class Holding {
        private Holding() {}

        static void main(String[] args) throws InterruptedException {
            AbstractSocketLock.tryAcquire(args[0], "a process");
            IO.println("held");
            Thread.sleep(Duration.ofMinutes(1));
        }
    }

    /** Somebody else's program on the same name. */
    private static final class Stranger implements AutoCloseable {
        private final WakeableSocket listener = WakeableSocket.open(Libc.AF_UNIX, Libc.SOCK_STREAM, 0);

        Stranger(String name, byte[] words) {
            UnixAddress address = UnixAddress.ofAbstract(name);
            listener.call("bind", fd -> Libc.bind(fd, address.bytes(), address.length()));
            listener.call("listen", fd -> Libc.listen(fd, 1));
            Thread.ofPlatform().daemon().start(() -> {
                listener.await(Duration.ofSeconds(10));
                int caller = listener.call("accept4", fd -> Libc.accept4(fd, Pointer.NULL, Pointer.NULL, 0));
                Libc.send(
                        caller,
                        Libc.buffer(words.length).put(0, words),
                        words.length,
                        Libc.MSG_DONTWAIT | Libc.MSG_NOSIGNAL);
            });
        }

        @Override
        public void close() {
            listener.close();
        }
    }
}
