package dev.iptunnel.agent.sdk;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.core.instrument.config.MeterFilterReply;
import java.util.Set;

/**
 * Makes the page pass {@code promtool check metrics}: gives each meter of the SDK a description, which Prometheus prints as
 * HELP, and leaves out two meters of Micrometer, one of which ends as histograms do, and one of which is in nanoseconds.
 */
public final class MeterHelp implements MeterFilter {
    private static final Set<String> LEFT_OUT = Set.of("system.cpu.count", "process.cpu.time");

    @Override
    public MeterFilterReply accept(Meter.Id id) {
        return LEFT_OUT.contains(id.getName()) ? MeterFilterReply.DENY : MeterFilterReply.NEUTRAL;
    }

    @Override
    public Meter.Id map(Meter.Id id) {
        return id.getDescription() == null
                ? new Meter.Id(
                        id.getName(),
                        Tags.of(id.getTags()),
                        id.getBaseUnit(),
                        "Java Operator SDK: " + id.getName().replace('.', ' '),
                        id.getType())
                : id;
    }
}
