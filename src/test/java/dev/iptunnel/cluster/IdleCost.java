package dev.iptunnel.cluster;

import dev.iptunnel.api.IpTunnels;
import dev.iptunnel.api.v1alpha1.IpTunnel;
import java.util.Map;
import java.util.TreeMap;

/** Measures what the agent of node1 costs while its tunnels are in sync. See e2e/idle. */
final class IdleCost {
    private static final int SETTLE = 30;
    private static final int TRACED = 70;

    private final Cluster cluster = new Cluster();

    private IdleCost() {}

    public static void main(String... arguments) throws InterruptedException {
        new IdleCost().measure(Integer.parseInt(arguments[0]), Integer.parseInt(arguments[1]));
    }

    private void measure(int count, int seconds) throws InterruptedException {
        for (int i = 0; i < count; i++) {
            cluster.create(
                    "idle" + i,
                    IpTunnels.spec(
                            """
                            nodeName: node1
                            mode: ipip
                            local: 10.77.0.1
                            remote: 10.77.1.%1$d
                            addresses: [{address: 10.9.%2$d.1/30}]
                            """,
                            i + 1, i));
        }
        for (int i = 0; i < count; i++) {
            cluster.awaitReady("idle" + i);
        }
        Thread.sleep(SETTLE * 1000L);

        Map<String, Double> before = requests();
        long switchesBefore = contextSwitches();
        long ticks = ticks();
        Thread.sleep(seconds * 1000L);
        System.out.printf(
                "%d tunnels in sync, %d s: %d ms of processor time, %d context switches%n",
                count, seconds, 10 * (ticks() - ticks), contextSwitches() - switchesBefore);
        Map<String, Double> after = requests();
        after.forEach((request, number) -> {
            double more = number - before.getOrDefault(request, 0.0);
            if (more > 0) {
                System.out.printf("%4.0f %s%n", more, request);
            }
        });

        System.out.println("system calls in " + TRACED + " s:");
        System.out.println(cluster.output(
                "node1",
                "timeout -s INT " + TRACED
                        + " strace -f -c -p $(pgrep -x java) 2>&1 | grep -v -e attached -e detached"));
        cluster.client.resources(IpTunnel.class).delete();
    }

    /** utime and stime of proc(5), in hundredths of a second. */
    private long ticks() {
        return number("awk '{print $14 + $15}' /proc/$(pgrep -x java)/stat");
    }

    private long contextSwitches() {
        return number("awk '/ctxt_switches/ {sum += $2} END {print sum}' /proc/$(pgrep -x java)/task/*/status");
    }

    private long number(String script) {
        return Long.parseLong(cluster.output("node1", script).strip());
    }

    /** How many requests the API server had for what agents ask for, by verb and resource. */
    private Map<String, Double> requests() {
        Map<String, Double> requests = new TreeMap<>();
        cluster.command("kubectl", "get", "--raw", "/metrics")
                .lines()
                .filter(line -> line.startsWith("apiserver_request_total{"))
                .filter(line -> line.contains("group=\"iptunnel.dev\"")
                        || line.contains("resource=\"customresourcedefinitions\"")
                        || line.contains("group=\"events.k8s.io\""))
                .forEach(line -> requests.put(
                        line.substring(line.indexOf('{'), line.lastIndexOf(' ')),
                        Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1))));
        return requests;
    }
}
