package dev.iptunnel.controller;

import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.agent.cluster.FaultyApiServer;
import dev.iptunnel.agent.cluster.FaultyApiServer.Request;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The election on a real API server: at no time do two controllers write. */
@Tag("sets")
@Timeout(120)
class LeadershipApiTest {
    @RegisterExtension
    final ControlledCluster cluster = new ControlledCluster();

    private static Leadership join(KubernetesClient client, String identity, Runnable lost) {
        return new Leadership(client, ControlledCluster.NAMESPACE, identity, lost);
    }

    private static void cut(FaultyApiServer api, boolean silent) {
        if (silent) {
            api.answerLater(Request.LEASE, HttpURLConnection.HTTP_UNAVAILABLE, "");
        } else {
            api.answer(Request.LEASE, HttpURLConnection.HTTP_UNAVAILABLE, "");
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void a_leader_that_cannot_renew_its_Lease_ends_before_another_one_leads(boolean silent) throws Exception {
        CompletableFuture<Long> lost = new CompletableFuture<>();
        try (FaultyApiServer api = new FaultyApiServer();
                KubernetesClient client = api.connect(Config.autoConfigure(null), 2);
                Leadership first = join(client, "first", () -> lost.complete(System.nanoTime()))) {
            first.await();
            try (Leadership second = join(cluster.client, "second", () -> {})) {
                cut(api, silent);

                second.await();

                long led = System.nanoTime();
                assertThat(lost).isDone();
                assertThat(led - lost.get()).isPositive();
                assertThat(first.isLeader()).isFalse();
            }
            api.mend();
        }
    }

    @Test
    void a_leader_whose_Lease_another_one_took_ends() throws Exception {
        CompletableFuture<Void> lost = new CompletableFuture<>();
        try (Leadership first = join(cluster.client, "first", () -> lost.complete(null))) {
            first.await();

            cluster.client
                    .leases()
                    .inNamespace(ControlledCluster.NAMESPACE)
                    .withName(Leadership.LEASE)
                    .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"spec\":{\"holderIdentity\":\"second\"}}");

            lost.get(30, TimeUnit.SECONDS);
            assertThat(first.isLeader()).isFalse();
        }
    }

    @Test
    void a_new_process_leads_within_a_minute_after_the_API_server_is_back() throws Exception {
        CompletableFuture<Void> lost = new CompletableFuture<>();
        try (FaultyApiServer api = new FaultyApiServer();
                KubernetesClient client = api.connect(Config.autoConfigure(null), 2)) {
            try (Leadership before = join(client, "before", () -> lost.complete(null))) {
                before.await();
                cut(api, false);
                lost.get(60, TimeUnit.SECONDS);
            }
            try (Leadership after = join(client, "after", () -> {})) {
                Thread.sleep(5000);
                assertThat(after.isLeader()).isFalse();
                long begin = System.nanoTime();

                api.mend();

                after.await();
                assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(60));
            }
        }
    }
}
