package dev.iptunnel.cluster;

import dev.iptunnel.api.IpTunnels;
import dev.iptunnel.api.v1alpha1.IpTunnel;
import dev.iptunnel.api.v1alpha1.IpTunnelSpec;
import io.fabric8.kubernetes.client.Watch;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import java.util.Arrays;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * Measures how long an IpTunnel takes from its creation to its condition Ready, as a client of the API server sees it:
 * one at a time, on the nodes in turn. Prints milliseconds. See e2e/latency.
 */
final class ApplyLatency {
    private ApplyLatency() {}

    public static void main(String... arguments) throws InterruptedException {
        int count = Integer.parseInt(arguments[0]);
        Cluster cluster = new Cluster();
        BlockingQueue<String> ready = new LinkedBlockingQueue<>();
        double[] milliseconds = new double[count];
        Watch watch = cluster.client.resources(IpTunnel.class).watch(new ReadyWatcher(ready));
        try {
            for (int i = 0; i < count; i++) {
                String name = "latency" + i;
                long start = System.nanoTime();
                cluster.create(name, spec(i));
                String seen = ready.poll(60, TimeUnit.SECONDS);
                while (seen != null && !seen.equals(name)) {
                    seen = ready.poll(60, TimeUnit.SECONDS);
                }
                if (seen == null) {
                    throw new IllegalStateException(name + " is not Ready after 60 s");
                }
                milliseconds[i] = (System.nanoTime() - start) / 1e6;
            }
        } finally {
            watch.close();
            cluster.client.resources(IpTunnel.class).delete();
        }
        Arrays.sort(milliseconds);
        System.out.printf(
                "apply to Ready, %d tunnels, ms: min %.0f, p50 %.0f, p90 %.0f, p99 %.0f, max %.0f%n",
                count,
                milliseconds[0],
                quantile(milliseconds, 0.5),
                quantile(milliseconds, 0.9),
                quantile(milliseconds, 0.99),
                milliseconds[count - 1]);
    }

    private static double quantile(double[] sorted, double fraction) {
        return sorted[(int) Math.ceil(fraction * sorted.length) - 1];
    }

    private static IpTunnelSpec spec(int i) {
        int node = 1 + i % 2;
        return IpTunnels.spec(
                """
                nodeName: node%1$d
                mode: ipip
                local: 10.77.0.%1$d
                remote: 10.77.1.%2$d
                addresses: [{address: 10.9.%3$d.1/30}]
                """,
                node, i + 1, i);
    }

    private record ReadyWatcher(BlockingQueue<String> ready) implements Watcher<IpTunnel> {
        @Override
        public void eventReceived(Action action, IpTunnel tunnel) {
            boolean isReady = action == Action.MODIFIED
                    && tunnel.getStatus().conditions().stream()
                            .anyMatch(condition -> condition.getType().equals("Ready")
                                    && condition.getStatus().equals("True"));
            if (isReady) {
                ready.add(tunnel.getMetadata().getName());
            }
        }

        @Override
        public void onClose(WatcherException cause) {
            throw new IllegalStateException(cause);
        }
    }
}
