package dev.iptunnel.chaos;

import dev.iptunnel.chaos.ChaosRun.WrongException;
import dev.iptunnel.cluster.Cluster;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.nio.file.Path;

/** Plays faults on the cluster of e2e/cluster, drawn by lot. See e2e/chaos. */
public final class Chaos {
    private static final int REQUEST_TIMEOUT_MILLISECONDS = 5000;

    private Chaos() {}

    /**
     * Plays, or prints.
     *
     * @param arguments the seed, the number of faults, the cluster's folder; without that the script is printed alone
     */
    public static void main(String... arguments) {
        long seed = Long.parseLong(arguments[0]);
        Script script = Script.draw(seed, Integer.parseInt(arguments[1]));
        if (arguments.length < 3) {
            System.out.println(script);
            return;
        }
        System.exit(play(seed, script, Path.of(arguments[2])) ? 0 : 1);
    }

    private static boolean play(long seed, Script script, Path state) {
        History history = new History(Path.of("target", "chaos-" + seed));
        history.say("seed " + seed + ", " + script.steps().size() + " faults");
        Cluster cluster = new Cluster();
        try (KubernetesClient client = client();
                Nodes nodes = new Nodes(cluster)) {
            new ChaosRun(script, cluster, client, nodes, history).play();
            history.say("seed " + seed + ": all was right");
            return true;
        } catch (RuntimeException | AssertionError e) {
            if (e instanceof WrongException) {
                history.say("WRONG: " + e.getMessage());
            } else {
                history.say("FAILED: " + e);
                e.printStackTrace();
            }
            new Evidence(cluster, history, state).keep();
            history.say("seed " + seed + " failed; what was seen is in " + history.folder());
            return false;
        }
    }

    /** It is tried again by those who ask: few retries of its own. */
    private static KubernetesClient client() {
        return new KubernetesClientBuilder()
                .withConfig(new ConfigBuilder()
                        .withAutoConfigure()
                        .withRequestRetryBackoffLimit(0)
                        .withRequestTimeout(REQUEST_TIMEOUT_MILLISECONDS)
                        .build())
                .build();
    }
}
