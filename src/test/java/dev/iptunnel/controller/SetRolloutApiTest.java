package dev.iptunnel.controller;

import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.agent.cluster.FaultyApiServer;
import dev.iptunnel.api.v1alpha1.set.IpTunnelSetStatus;
import dev.iptunnel.controller.cluster.StoredTunnel;
import io.fabric8.kubernetes.client.Config;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Roll-outs that stop, go back and are tried again, on a real API server. */
@Tag("sets")
class SetRolloutApiTest {
    private static final SetManifest MESH =
            SetManifest.mesh("backbone").rollout("maxUnavailable: 1, onFailure: Rollback");
    private static final SetManifest BAD = MESH.template("ttl: 64, parent: nowhere0");

    @RegisterExtension
    final ControlledCluster cluster = new ControlledCluster();

    private IpTunnelSetStatus status() {
        return cluster.status("backbone").orElseThrow();
    }

    private void ready() {
        cluster.awaitCondition("backbone", "Ready", "True", "AllTunnelsReady");
    }

    private void refuseBad() {
        cluster.agents().refuse(tunnel -> tunnel.text("parent").equals("nowhere0"));
    }

    /** All that a roll-out changes. */
    private static String contents(StoredTunnel tunnel) {
        return tunnel.getMetadata().getUid()
                + tunnel.getMetadata().getGeneration()
                + tunnel.labels()
                + tunnel.annotations();
    }

    private List<String> parents() {
        return cluster.each("backbone", tunnel -> tunnel.text("parent"));
    }

    @Test
    void a_bad_template_is_taken_back_and_stays_in_the_set() {
        cluster.nodes(3);
        cluster.start();
        cluster.apply(MESH.yaml());
        ready();
        refuseBad();

        cluster.apply(BAD.yaml());

        cluster.awaitCondition("backbone", "Stalled", "True", "RolledBack");
        cluster.await(
                "the tunnels are as before",
                () -> parents().stream().allMatch(String::isEmpty)
                        && cluster
                                .each("backbone", tunnel -> tunnel.labels().getOrDefault("iptunnel.dev/revision", ""))
                                .stream()
                                .allMatch("backbone-r1"::equals));
        cluster.await(
                "all are ready again",
                () -> Objects.requireNonNull(status().tunnels()).ready() == 6);
        assertThat(status().currentRevision()).isEqualTo("backbone-r1");
        assertThat(status().failedRevisions()).containsExactly("backbone-r2");
        assertThat(cluster.set("backbone").orElseThrow().getSpec().template().toString())
                .contains("nowhere0");
    }

    @Test
    void a_template_with_which_peers_do_not_answer_is_taken_back_if_they_have_to() {
        String probe = "probe: {type: ICMP, intervalSeconds: 1, failureThreshold: 1, timeoutSeconds: 1}";
        SetManifest mesh = SetManifest.mesh("backbone")
                .rollout("require: Reachable, maxUnavailable: 1, onFailure: Rollback, progressDeadlineSeconds: 12");
        cluster.nodes(3);
        cluster.start();
        cluster.apply(mesh.template("ttl: 64, " + probe).yaml());
        ready();
        cluster.agents().losePeers(tunnel -> tunnel.text("ttl").equals("9"));

        cluster.apply(mesh.template("ttl: 9, " + probe).yaml());

        cluster.awaitCondition("backbone", "Stalled", "True", "RolledBack");
        assertThat(String.valueOf(cluster.condition("backbone", "Stalled")))
                .contains("does not reach its peer: NoReply");
        cluster.await("the tunnels are as before", () -> cluster.each("backbone", tunnel -> tunnel.text("ttl")).stream()
                .allMatch("64"::equals));
    }

    @Test
    void a_failed_revision_is_tried_again_once_when_somebody_asks() throws InterruptedException {
        cluster.nodes(3);
        cluster.start();
        cluster.apply(MESH.yaml());
        ready();
        refuseBad();
        cluster.apply(BAD.yaml());
        cluster.awaitCondition("backbone", "Stalled", "True", "RolledBack");
        cluster.await(
                "all are ready again",
                () -> Objects.requireNonNull(status().tunnels()).ready() == 6);
        String asked = BAD.annotated("iptunnel.dev/retry", "backbone-r2").yaml();

        cluster.apply(asked);

        cluster.await("it is remembered", () -> "backbone-r2"
                .equals(Objects.requireNonNull(status().rollout()).retriedRevision()));
        cluster.await(
                "it failed again",
                () -> status().failedRevisions().contains("backbone-r2")
                        && Objects.requireNonNull(status().tunnels()).ready() == 6);
        List<String> before = cluster.each("backbone", SetRolloutApiTest::contents);
        Thread.sleep(6000);
        assertThat(cluster.each("backbone", SetRolloutApiTest::contents))
                .as("no third try")
                .isEqualTo(before);

        cluster.agents().refuse(tunnel -> false);
        cluster.apply(BAD.yaml());
        cluster.await(
                "it may be asked for again",
                () -> Objects.requireNonNull(status().rollout()).retriedRevision() == null);
        long begin = System.nanoTime();
        cluster.apply(asked);

        cluster.await("it begins", () -> parents().contains("nowhere0"));
        assertThat(Duration.ofNanos(System.nanoTime() - begin))
                .as("without waiting for the next look")
                .isLessThan(Duration.ofSeconds(15));
        ready();
        assertThat(parents()).containsOnly("nowhere0");
        assertThat(status().failedRevisions()).isEmpty();
    }

    @Test
    void a_paused_roll_out_changes_no_tunnel() throws InterruptedException {
        cluster.nodes(3);
        cluster.start();
        cluster.apply(MESH.yaml());
        ready();
        List<String> before = cluster.each("backbone", SetRolloutApiTest::contents);
        SetManifest changed = MESH.template("ttl: 65");

        cluster.apply(changed.rollout("paused: true").yaml());

        cluster.awaitCondition("backbone", "Progressing", "False", "Paused");
        Thread.sleep(3000);
        assertThat(cluster.each("backbone", SetRolloutApiTest::contents)).isEqualTo(before);

        cluster.apply(changed.yaml());

        ready();
        assertThat(cluster.each("backbone", tunnel -> tunnel.text("ttl"))).containsOnly("65");
    }

    @Test
    void an_API_server_that_takes_no_writes_fails_no_revision() throws InterruptedException {
        SetManifest hasty = SetManifest.mesh("backbone").rollout("maxUnavailable: 1, progressDeadlineSeconds: 4");
        cluster.nodes(3);
        try (FaultyApiServer api = new FaultyApiServer()) {
            cluster.start(api.connect(Config.autoConfigure(null), 2), api.contact());
            cluster.apply(hasty.yaml());
            ready();

            api.throttle(FaultyApiServer.Request.APPLY, 1);
            cluster.apply(hasty.template("ttl: 65").yaml());
            Thread.sleep(8000);
            api.answer(FaultyApiServer.Request.APPLY, 503, "");
            Thread.sleep(8000);
            assertThat(cluster.each("backbone", tunnel -> tunnel.text("ttl"))).containsOnly("64");
            api.mend();

            cluster.await("all are updated", () -> cluster.each("backbone", tunnel -> tunnel.text("ttl")).stream()
                    .allMatch("65"::equals));
            ready();
            cluster.await("the revision is good", () -> "backbone-r2".equals(status().currentRevision()));
            assertThat(status().failedRevisions()).isEmpty();
            cluster.stop();
        }
    }
}
