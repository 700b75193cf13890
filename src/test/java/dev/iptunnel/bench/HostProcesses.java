package dev.iptunnel.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * The processor time of programs as the host accounts it, by proc(5): a guest's own ticks include what the host gave to
 * others.
 */
final class HostProcesses {
    private static final Path PROC = Path.of("/proc");
    /** USER_HZ. */
    private static final double TICKS = 100;

    /** Behind the command's name: state is the first. */
    private static final int UTIME = 11;

    private static final int CSTIME = 14;

    private HostProcesses() {}

    /** Seconds of these processes and all that came of them. */
    static double cpu(List<Long> roots) {
        return roots.stream()
                        .flatMap(HostProcesses::tree)
                        .mapToLong(HostProcesses::ticks)
                        .sum()
                / TICKS;
    }

    private static Stream<Long> tree(long pid) {
        return Stream.concat(
                Stream.of(pid),
                ProcessHandle.of(pid).stream()
                        .flatMap(ProcessHandle::descendants)
                        .map(ProcessHandle::pid));
    }

    /** Of one that has ended, nothing: its parent has it. */
    private static long ticks(long pid) {
        try {
            String stat = Files.readString(PROC.resolve(Long.toString(pid)).resolve("stat"));
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
            return LongStream.rangeClosed(UTIME, CSTIME)
                    .map(field -> Long.parseLong(fields[(int) field]))
                    .sum();
        } catch (IOException e) {
            return 0;
        }
    }

    /** The process whose number the file holds. */
    static long inFile(Path file) {
        try {
            return Long.parseLong(Files.readString(file).strip());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
