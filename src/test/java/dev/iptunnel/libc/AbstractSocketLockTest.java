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
    void only_one_process_holds_the_lock_and_another_reads_who_it_is() {
        try (AbstractSocketLock _ = acquired("agent, pid 17");
                LockHolder holder = held()) {
            assertThat(said(holder)).isEqualTo("agent, pid 17");
            assertThat(holder.awaitRelease(Duration.ofMillis(20))).isFalse();
        }
    }

    @Test
    void a_released_lock_can_be_taken() {
        acquired("first").close();

        acquired("second").close();
    }

    @Test
    void a_release_wakes_the_waiter_which_then_gets_the_lock() {
        AbstractSocketLock lock = acquired("first");
        try (LockHolder holder = held()) {
            CompletableFuture.delayedExecutor(100, TimeUnit.MILLISECONDS).execute(lock::close);

            assertThat(holder.awaitRelease(Duration.ofSeconds(10))).isTrue();
            acquired("second").close();
        }
    }

    @Test
    void many_may_wait_and_one_at_a_time_gets_the_lock() {
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
    void short_connections_do_not_drive_out_a_waiter() {
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
    void the_description_of_a_hostile_holder_is_bounded_and_printable() {
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
    void a_holder_without_a_description_holds_the_lock() {
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
    void a_lock_is_released_when_its_holder_is_killed() throws Exception {
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

    /** Another program that has bound the name. */
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
