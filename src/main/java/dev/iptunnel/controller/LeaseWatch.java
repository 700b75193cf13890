package dev.iptunnel.controller;

import dev.iptunnel.controller.cluster.Fleet;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;

/**
 * Finds an election that does not work any more: a leader whose Lease does not change, and a Lease that nobody renews while this
 * process could. It goes by what it saw itself and by a clock that cannot be set.
 */
final class LeaseWatch {
    private static final Duration OWN = Duration.ofSeconds(30);
    private static final Duration NOBODYS = Duration.ofSeconds(60);

    private final Fleet fleet;
    private final Leadership leadership;
    private final InstantSource steady;
    private String renewal = "";
    private Instant changed;

    LeaseWatch(Fleet fleet, Leadership leadership, InstantSource steady) {
        this.fleet = fleet;
        this.leadership = leadership;
        this.steady = steady;
        changed = steady.instant();
    }

    /** Why the process has to be restarted. While the API server cannot be reached, no other process would do better. */
    synchronized Optional<String> trouble() {
        String now = fleet.leases().stream()
                .filter(lease -> Leadership.LEASE.equals(lease.getMetadata().getName()))
                .findFirst()
                .map(LeaseWatch::renewal)
                .orElse("");
        if (!now.equals(renewal) || !fleet.isCurrent()) {
            renewal = now;
            changed = steady.instant();
        }
        Duration unchanged = Duration.between(changed, steady.instant());
        return unchanged.compareTo(leadership.isLeader() ? OWN : NOBODYS) > 0
                ? Optional.of("the Lease " + Leadership.LEASE + " has not been renewed for " + unchanged.toSeconds()
                        + " s" + (leadership.isLeader() ? ", and this controller leads" : ", and nobody leads"))
                : Optional.empty();
    }

    private static String renewal(Lease lease) {
        return lease.getSpec() == null
                ? ""
                : lease.getSpec().getHolderIdentity() + " " + lease.getSpec().getRenewTime();
    }
}
