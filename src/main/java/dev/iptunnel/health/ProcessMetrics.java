package dev.iptunnel.health;

import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The metrics of this process that every Prometheus client has under these names, from proc(5). */
public final class ProcessMetrics {
    private static final Path STATUS = Path.of("/proc/self/status");
    private static final Pattern RESIDENT = Pattern.compile("(?m)^VmRSS:\\s+(\\d+) kB$");

    private ProcessMetrics() {}

    /** Adds them. */
    public static void register(PrometheusRegistry registry) {
        ProcessHandle process = ProcessHandle.current();
        CounterWithCallback.builder()
                .name("process_cpu_seconds_total")
                .help("Processor time of the process, user and system")
                .callback(counter ->
                        process.info().totalCpuDuration().ifPresent(time -> counter.call(time.toMillis() / 1e3)))
                .register(registry);
        GaugeWithCallback.builder()
                .name("process_start_time_seconds")
                .help("When the process was started")
                .callback(
                        gauge -> process.info().startInstant().ifPresent(time -> gauge.call(time.toEpochMilli() / 1e3)))
                .register(registry);
        GaugeWithCallback.builder()
                .name("process_resident_memory_bytes")
                .help("Resident memory of the process")
                .callback(gauge -> resident().ifPresent(bytes -> gauge.call((double) bytes)))
                .register(registry);
    }

    private static OptionalLong resident() {
        try {
            Matcher line = RESIDENT.matcher(Files.readString(STATUS));
            return line.find() ? OptionalLong.of(Long.parseLong(line.group(1)) << 10) : OptionalLong.empty();
        } catch (IOException e) {
            return OptionalLong.empty();
        }
    }
}
