package dev.iptunnel.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A release of the Helm chart, from its installation to what is left of it, with a tunnel that carries packets. */
@Tag("cluster")
class HelmReleaseTest {
    private static final Cluster cluster = new Cluster();
    private static final Path CHART = Path.of("deploy", "helm", "iptunnel");

    @BeforeEach
    void remove_what_other_tests_have_deployed() {
        cluster.command("kubectl", "delete", "-k", "deploy/base", "--ignore-not-found");
        cluster.command("kubectl", "delete", "-k", "crds", "--ignore-not-found");
    }

    /** The agent is the one that removes tunnels. */
    @AfterEach
    void delete_the_tunnels_by_an_agent_as_others_deploy_it() {
        helm("uninstall", "iptunnel", "--ignore-not-found", "--wait");
        DeployedOperator.apply(cluster);
        cluster.awaitAgents(DeployedOperator.NODES.size());
        DeployedOperator.deleteTunnels(cluster);
    }

    @Test
    void is_upgraded_with_its_CRD_and_uninstalled_without_it_and_no_packet_is_lost(@TempDir Path folder)
            throws IOException {
        helm("install", "iptunnel", chartBefore(folder), "--create-namespace", "--wait", "--timeout=300s");
        assertThat(shortNames()).isEmpty();
        cluster.create("chart1", Cluster.ipip(1, "192.168.70.1/30"));
        cluster.create("chart2", Cluster.ipip(2, "192.168.70.2/30"));
        int ifindex = cluster.awaitReady("chart1");
        cluster.awaitReady("chart2");
        cluster.script("node1", "nohup ping -n -i 0.05 192.168.70.2 >/run/ping 2>&1 &");

        String digest = tagImageByItsDigest();
        helm("upgrade", "iptunnel", CHART.toString(), "--set=image.digest=" + digest, "--wait", "--timeout=300s");

        cluster.awaitAgents(DeployedOperator.NODES.size());
        assertThat(agents()).allSatisfy(agent -> assertThat(
                        agent.getSpec().getContainers().getFirst().getImage())
                .isEqualTo("iptunnel.dev/iptunnel@" + digest));
        assertThat(shortNames()).isEqualTo("[\"ipt\"]");

        helm("upgrade", "iptunnel", CHART.toString(), "--reuse-values", "--set=crd.install=false");
        helm("uninstall", "iptunnel", "--wait", "--timeout=300s");

        assertThat(agents()).isEmpty();
        assertThat(cluster.status("chart1").ifindex()).isEqualTo(ifindex);
        assertThat(cluster.ifindex("node1", "chart1")).isEqualTo(ifindex);
        assertEachPacketAnswered();
    }

    /** But for the last one, whose answer may have been on its way. */
    private static void assertEachPacketAnswered() {
        String report =
                cluster.output("node1", "pkill -INT -x ping; while pgrep -x ping; do sleep 0.1; done; cat /run/ping");
        List<Integer> answered = Pattern.compile("icmp_seq=(\\d+)")
                .matcher(report)
                .results()
                .map(sequence -> Integer.valueOf(sequence.group(1)))
                .toList();
        assertThat(answered)
                .hasSizeGreaterThan(100)
                .isEqualTo(IntStream.rangeClosed(1, answered.size()).boxed().toList());
    }

    /** The chart of an older release, whose CRD knew no short name. */
    private static String chartBefore(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(CHART)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Path copy = folder.resolve(CHART.relativize(file));
                Files.createDirectories(copy.getParent());
                Files.writeString(copy, Files.readString(file).replaceFirst("(?m)^ +shortNames:\n +- ipt\n", ""));
            }
        }
        return folder.toString();
    }

    private static String shortNames() {
        return cluster.command(
                        "kubectl", "get", "crd", "iptunnels.iptunnel.dev", "-o", "jsonpath={.spec.names.shortNames}")
                .strip();
    }

    /** As a node knows an image that it pulled. */
    private static String tagImageByItsDigest() {
        String digest = "";
        for (String node : DeployedOperator.NODES) {
            digest = cluster.output(
                            node,
                            """
                            read -r name _ digest _ < <(ctr -n k8s.io images list name~=^iptunnel.dev/iptunnel: | tail -n 1)
                            ctr -n k8s.io images tag $name iptunnel.dev/iptunnel@$digest >/dev/null && echo $digest
                            """)
                    .strip();
        }
        return digest;
    }

    private static List<Pod> agents() {
        return cluster.client.pods().inNamespace(Cluster.NAMESPACE).list().getItems().stream()
                .filter(pod -> pod.getMetadata().getDeletionTimestamp() == null)
                .toList();
    }

    private static void helm(String... words) {
        List<String> all = new ArrayList<>(List.of("helm", "--namespace", Cluster.NAMESPACE));
        all.addAll(List.of(words));
        Cluster.run(all);
    }
}
