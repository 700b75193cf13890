package dev.iptunnel.kernel;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Pattern;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** When rtnetlink told of something: the marks of time that {@code ip -ts monitor} prints, which are its own. */
final class EventTimes implements AfterAllCallback {
    private static final Pattern TIME = Pattern.compile("^\\[(\\d{4}-\\S+)]", Pattern.MULTILINE);
    private static final Duration QUIET = Duration.ofMillis(100);

    private final Path output;
    private final Process monitor;

    EventTimes() {
        try {
            output = Files.createTempFile("monitor", ".txt");
            ProcessBuilder builder = new ProcessBuilder("ip", "-ts", "monitor", "all").redirectOutput(output.toFile());
            builder.environment().put("TZ", "UTC");
            monitor = builder.start();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** Returns once nothing has been told for a while. */
    void awaitQuiet() {
        long before = -1;
        for (long size = size(); size == 0 || size != before; size = size()) {
            before = size;
            LockSupport.parkNanos(QUIET.toNanos());
        }
    }

    private long size() {
        try {
            return Files.size(output);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** From the first event within that time to the last; there has to be one. */
    Duration between(Instant start, Instant end) {
        awaitQuiet();
        List<Instant> events = times().stream()
                .filter(time -> !time.isBefore(start) && !time.isAfter(end))
                .toList();
        if (events.isEmpty()) {
            throw new AssertionError("rtnetlink told of nothing between " + start + " and " + end);
        }
        return Duration.between(events.getFirst(), events.getLast());
    }

    private List<Instant> times() {
        try {
            return TIME.matcher(Files.readString(output))
                    .results()
                    .map(result -> LocalDateTime.parse(result.group(1)).toInstant(ZoneOffset.UTC))
                    .toList();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void afterAll(ExtensionContext context) throws IOException {
        monitor.destroy();
        Files.delete(output);
    }
}
