package dev.iptunnel.chaos;

import dev.iptunnel.api.IpTunnels;
import dev.iptunnel.api.v1alpha1.IpTunnel;
import dev.iptunnel.api.v1alpha1.IpTunnelSpec;
import dev.iptunnel.chaos.ObjectChange.Create;
import dev.iptunnel.chaos.ObjectChange.Delete;
import dev.iptunnel.chaos.ObjectChange.Replace;
import dev.iptunnel.chaos.ObjectChange.Update;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.Resource;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;

/** Changes IpTunnels as somebody does who tries again until the API server has taken it. */
final class ObjectChanger {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final Duration PAUSE = Duration.ofMillis(200);

    private final KubernetesClient client;
    private final History history;
    /** What the API server was given. */
    private final Map<String, IpTunnelSpec> given = new ConcurrentSkipListMap<>();

    ObjectChanger(KubernetesClient client, History history) {
        this.client = client;
        this.history = history;
    }

    void apply(List<? extends ObjectChange> changes) {
        changes.forEach(this::apply);
    }

    private void apply(ObjectChange change) {
        history.say("    " + change);
        switch (change) {
            case Create(String name, IpTunnelSpec spec) -> create(name, spec);
            case Update(String name, IpTunnelSpec spec) -> {
                tirelessly(name, () -> resource(name).edit(object -> {
                    object.setSpec(spec);
                    return object;
                }));
                given.put(name, spec);
            }
            case Delete(String name) -> delete(name);
            case Replace(String name, IpTunnelSpec spec) -> {
                delete(name);
                create(name, spec);
            }
        }
    }

    /** All again, as a GitOps tool does where its objects are gone. */
    void recreateAll() {
        given.forEach(this::create);
    }

    int count() {
        return given.size();
    }

    private void create(String name, IpTunnelSpec spec) {
        tirelessly(name, () -> {
            try {
                client.resource(IpTunnels.tunnel(name, spec)).create();
            } catch (KubernetesClientException e) {
                // The answer to an earlier attempt was lost.
                if (e.getCode() != HttpURLConnection.HTTP_CONFLICT) {
                    throw e;
                }
            }
        });
        given.put(name, spec);
    }

    private void delete(String name) {
        tirelessly(name, () -> resource(name).delete());
        given.remove(name);
    }

    private Resource<IpTunnel> resource(String name) {
        return client.resources(IpTunnel.class).withName(name);
    }

    private void tirelessly(String name, Runnable request) {
        Instant deadline = Instant.now().plus(PATIENCE);
        while (true) {
            try {
                request.run();
                return;
            } catch (KubernetesClientException e) {
                if (Instant.now().isAfter(deadline) || e.getCode() == 422) {
                    throw new IllegalStateException("the API server does not take the change of " + name, e);
                }
                Pause.of(PAUSE);
            }
        }
    }
}
