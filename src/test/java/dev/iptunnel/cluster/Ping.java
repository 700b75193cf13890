package dev.iptunnel.cluster;

import static org.assertj.core.api.Assertions.assertThat;

/** A ping from a node that goes on while a test changes something: a packet every 50 ms. */
final class Ping {
    private static final int PACKETS = 200;

    private final Process process;

    private Ping(Process process) {
        this.process = process;
    }

    /** Returns once answers come. */
    static Ping start(Cluster cluster, String node, String destination) {
        cluster.await(destination + " answers " + node, () -> Cluster.output(
                        cluster.start(node, "ping -n -c 1 -W 1 " + destination))
                .contains(" 1 received"));
        return new Ping(cluster.start(node, "ping -n -q -i 0.05 -c " + PACKETS + " -W 2 " + destination));
    }

    /** Waits for the last packet. */
    void assertNoneLost() {
        assertThat(Cluster.output(process)).contains(PACKETS + " packets transmitted, " + PACKETS + " received");
    }
}
