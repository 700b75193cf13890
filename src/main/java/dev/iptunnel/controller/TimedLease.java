package dev.iptunnel.controller;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.extended.leaderelection.resourcelock.LeaderElectionRecord;
import io.fabric8.kubernetes.client.extended.leaderelection.resourcelock.LeaseLock;
import java.time.Duration;

/** A Lease of an election that knows when this process last wrote it. */
final class TimedLease extends LeaseLock {
    private volatile long written;

    TimedLease(String namespace, String name, String identity) {
        super(namespace, name, identity);
    }

    @Override
    public synchronized void create(KubernetesClient client, LeaderElectionRecord record) {
        long begin = System.nanoTime();
        super.create(client, record);
        written = begin;
    }

    @Override
    public synchronized void update(KubernetesClient client, LeaderElectionRecord record) {
        long begin = System.nanoTime();
        super.update(client, record);
        written = begin;
    }

    /** Since the begin of the last write that the API server took: whoever watches the Lease saw that write later than this. */
    Duration age() {
        return Duration.ofNanos(System.nanoTime() - written);
    }
}
