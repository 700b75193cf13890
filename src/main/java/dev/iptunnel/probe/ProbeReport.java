package dev.iptunnel.probe;

import java.time.Duration;
import java.util.OptionalInt;

/**
 * What is known of one tunnel, for metrics.
 *
 * @param tunnel the object's name
 * @param interval the one that it really has
 * @param pathMtu the longest packet that passed at the last search, in bytes
 */
public record ProbeReport(
        String tunnel, Reachability reachability, ProbeCounts counts, Duration interval, OptionalInt pathMtu) {}
