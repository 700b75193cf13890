package dev.iptunnel.agent.sdk;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.config.MeterFilter;

/**
 * Adds the tag {@code action} where the SDK leaves it out of its counter {@code events.received}: on events that are not
 * of an object. Prometheus accepts a meter with one set of tags only.
 */
public final class EventTags implements MeterFilter {
    private static final String COUNTER = "events.received";
    private static final String TAG = "action";

    @Override
    public Meter.Id map(Meter.Id id) {
        return id.getName().equals(COUNTER) && id.getTag(TAG) == null ? id.withTag(Tag.of(TAG, "none")) : id;
    }
}
