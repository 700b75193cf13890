package dev.iptunnel.apiserver;

import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.api.ApiServer;
import dev.iptunnel.api.IpTunnels;
import dev.iptunnel.api.StallingProxy;
import dev.iptunnel.api.v1alpha1.IpTunnel;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import java.time.Clock;
import java.time.Instant;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The peer of a watch is silently gone. */
@Tag("api")
class HalfOpenWatchApiTest {
    private static final int MOST_SECONDS = 60;

    private final KubernetesClient admin = connect();
    private final StallingProxy proxy =
            new StallingProxy(admin.getConfiguration().getMasterUrl());
    private final ApiServerContact contact = new ApiServerContact(Clock.systemUTC());
    private final BlockingQueue<String> seen = new LinkedBlockingQueue<>();

    private static KubernetesClient connect() {
        try {
            return ApiServer.connect();
        } catch (java.io.IOException e) {
            throw new AssertionError(e);
        }
    }

    @AfterEach
    void close() {
        admin.resources(IpTunnel.class).delete();
        admin.close();
        proxy.close();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void a_watch_whose_peer_is_silently_gone_shows_a_new_object_within_a_minute(boolean stream) throws Exception {
        Config config = new ConfigBuilder(admin.getConfiguration())
                .withMasterUrl(proxy.url())
                .withOnlyHttpWatches(stream)
                .build();
        try (KubernetesClient client = ApiServerConnection.open(config, contact);
                var informer = client.resources(IpTunnel.class).inform(new Names())) {
            admin.resource(IpTunnels.ipip("before", "nowhere")).create();
            assertThat(seen.poll(30, TimeUnit.SECONDS)).isEqualTo("before");
            Instant heard = contact.last().orElseThrow();
            long restarts = watch().restarts();

            proxy.stall();
            admin.resource(IpTunnels.ipip("after", "nowhere")).create();

            assertThat(seen.poll(MOST_SECONDS, TimeUnit.SECONDS)).isEqualTo("after");
            assertThat(informer.isRunning()).isTrue();
            assertThat(watch().restarts()).isGreaterThan(restarts);
            assertThat(contact.last().orElseThrow()).isAfter(heard);
            assertThat(watch().open()).isTrue();
        }
    }

    private ApiServerContact.Watch watch() {
        return Objects.requireNonNull(contact.watches().get("iptunnels"));
    }

    private final class Names implements ResourceEventHandler<IpTunnel> {
        @Override
        public void onAdd(IpTunnel tunnel) {
            seen.add(tunnel.getMetadata().getName());
        }

        @Override
        public void onUpdate(IpTunnel before, IpTunnel now) {
            // The test waits for new objects only.
        }

        @Override
        public void onDelete(IpTunnel tunnel, boolean finalStateUnknown) {
            // The test waits for new objects only.
        }
    }
}
