package dev.iptunnel.cluster;

import static org.assertj.core.api.Assertions.assertThat;

/** A ping from a node that goes on while a test changes something: a packet every 50 ms. */
final class Ping {
    private static final int PACKETS = 200;

    private final Process process;
    private final int packets;

    private Ping(Process process, int packets) {
        this.process = process;
        this.packets = packets;
    }

    /** Returns once answers come. */
    static Ping start(Cluster cluster, String node, String destination) {
        return start(cluster, node, destination, PACKETS);
    }

    /** Returns once answers come. */
    static Ping start(Cluster cluster, String node, String destination, int packets) {
        cluster.await(destination + " answers " + node, () -> Cluster.output(
                        cluster.start(node, "ping -n -c 1 -W 1 " + destination))
                .contains(" 1 received"));
        return new Ping(cluster.start(node, "ping -n -q -i 0.05 -c " + packets + " -W 2 " + destination), packets);
    }

    /** Waits for the last packet. */
    void assertNoneLost() {
        assertThat(Cluster.output(process)).contains(packets + " packets transmitted, " + packets + " received");
    }
}
