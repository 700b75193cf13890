package dev.iptunnel.libc;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;

/** A process of another user, in Perl, that has bound the name of a lock. */
public final class Squatter implements AutoCloseable {
    public static final String NOBODY = "65534";

    /** What the process does besides. */
    public enum Kind {
        LISTENS("listen(S, 5);"),
        LISTENS_ON_MANY_NAMES("listen(S, 5); for (1..20) { socket(my $s, AF_UNIX, SOCK_STREAM, 0);"
                + " bind($s, pack_sockaddr_un(\"\\0$ARGV[0]/$_\")) or die; listen($s, 5); push @s, $s }"),
        TALKS(
                "listen(S, 5); if (fork() == 0) { while (accept(C, S)) { syswrite(C, \"the agent\\n\"); push @c, *C; } }"),
        ACCEPTS_NOBODY("listen(S, 1);"),
        DOES_NOT_LISTEN(""),
        HAS_A_FULL_QUEUE("listen(S, 0); for (1..4) { if (fork() == 0) { socket(my $c, AF_UNIX, SOCK_STREAM, 0);"
                + " connect($c, $a); sleep 60; exit } } sleep 1;");

        private final String script;

        Kind(String script) {
            this.script = script;
        }
    }

    private final Process process;

    private Squatter(Process process) {
        this.process = process;
    }

    /** Returns when it has the name. Only root can start it. */
    public static Squatter start(Kind kind, String user, String name) throws IOException {
        String script =
                "use Socket; $| = 1; $a = pack_sockaddr_un(\"\\0$ARGV[0]\"); socket(S, AF_UNIX, SOCK_STREAM, 0);"
                        + " bind(S, $a) or die; " + kind.script + " print \"bound\\n\"; sleep 60;";
        Squatter squatter = new Squatter(
                new ProcessBuilder("setpriv", "--reuid=" + user, "--clear-groups", "perl", "-e", script, name)
                        .redirectErrorStream(true)
                        .start());
        assertThat(squatter.process.inputReader().readLine()).isEqualTo("bound");
        return squatter;
    }

    long pid() {
        return process.pid();
    }

    /** Returns when the name is free. */
    @Override
    public void close() {
        List<ProcessHandle> all = Stream.concat(process.descendants(), Stream.of(process.toHandle()))
                .toList();
        all.forEach(ProcessHandle::destroyForcibly);
        all.forEach(one -> one.onExit().join());
    }
}
