package dev.iptunnel.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A ping from a node that goes on while a test changes something: a packet every 50 ms.
 *
 * <p>ping(8) waits for its last answer no longer than two round trips or the time between two packets, whichever is more,
 * and on a busy machine that is too short. So the last packet tells nothing, or is the only one.
 */
final class Ping {
    private static final int PACKETS_PER_SECOND = 20;
    private static final int PACKETS = 200;
    private static final int SINGLE_PACKETS = 3;
    private static final int ENDLESS = 100_000;
    private static final Pattern ANSWER = Pattern.compile("icmp_seq=(\\d+)");
    private static final Pattern SENT = Pattern.compile("(\\d+) packets transmitted");

    private final Cluster cluster;
    private final String node;
    private final String destination;
    private final Process process;
    /** The last packets, whose answers may be under way when it ends. */
    private int unjudged = 1;

    private Ping(Cluster cluster, String node, String destination, Process process) {
        this.cluster = cluster;
        this.node = node;
        this.destination = destination;
        this.process = process;
    }

    /** Returns once answers come. */
    static Ping start(Cluster cluster, String node, String destination) {
        return start(cluster, node, destination, PACKETS);
    }

    /** Goes on until {@link #stop}. Returns once answers come. */
    static Ping startEndless(Cluster cluster, String node, String destination) {
        return start(cluster, node, destination, ENDLESS);
    }

    /** Returns once answers come. */
    static Ping start(Cluster cluster, String node, String destination, int packets) {
        cluster.await(destination + " answers " + node, () -> Cluster.output(
                        cluster.start(node, "ping -n -c 1 -W 1 " + destination))
                .contains(" 1 received"));
        return new Ping(
                cluster, node, destination, cluster.start(node, "ping -n -i 0.05 -c " + packets + " " + destination));
    }

    /** Ends it, with what it has sent until a second ago. */
    Ping stop() {
        unjudged = PACKETS_PER_SECOND;
        cluster.script(node, "pkill -INT -f '^[^ ]*ping .* " + destination + "$'");
        return this;
    }

    /** Waits for the end. */
    void assertNoneLost() {
        String output = Cluster.output(process);
        Set<Integer> answered = ANSWER.matcher(output)
                .results()
                .map(answer -> Integer.valueOf(answer.group(1)))
                .collect(Collectors.toSet());
        int sent = SENT.matcher(output)
                .results()
                .map(summary -> Integer.valueOf(summary.group(1)))
                .findFirst()
                .orElseThrow(() -> new AssertionError("ping did not end: " + output));
        List<Integer> lost = IntStream.rangeClosed(1, sent - unjudged)
                .filter(packet -> !answered.contains(packet))
                .boxed()
                .toList();
        assertThat(lost).as("packets without an answer").isEmpty();
    }

    static void assertAnswers(Cluster cluster, String node, String destination) {
        assertAnswersEach(cluster, node, "ping", destination);
    }

    /** From a network namespace of the node's. */
    static void assertAnswersFrom(Cluster cluster, String node, String namespace, String destination) {
        assertAnswersEach(cluster, node, "ip netns exec " + namespace + " ping", destination);
    }

    private static void assertAnswersEach(Cluster cluster, String node, String ping, String destination) {
        for (int packet = 0; packet < SINGLE_PACKETS; packet++) {
            assertThat(cluster.exec(node, ping + " -n -c 1 -W 20 " + destination))
                    .contains(" 0% packet loss");
        }
    }
}
