package dev.iptunnel.controller;

import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.agent.cluster.FaultyApiServer;
import dev.iptunnel.api.v1alpha1.set.IpTunnelSet;
import dev.iptunnel.controller.cluster.StoredTunnel;
import dev.iptunnel.set.SetNames;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Controllers that stop at any time or run beside one another, and what they remember and somebody deletes. */
@Tag("sets")
class SetRestartApiTest {
    private static final SetManifest MESH = SetManifest.mesh("backbone");

    @RegisterExtension
    final ControlledCluster cluster = new ControlledCluster();

    private void ready() {
        cluster.awaitCondition("backbone", "Ready", "True", "AllTunnelsReady");
    }

    private List<String> contents() {
        return cluster.each(
                "backbone",
                tunnel -> tunnel.getMetadata().getUid() + tunnel.getMetadata().getGeneration() + tunnel.getSpec());
    }

    /** The inner address of each node; fails if one node has two. */
    private Map<String, String> addresses() {
        return cluster.tunnels("backbone").stream()
                .collect(Collectors.toMap(StoredTunnel::nodeName, SetRestartApiTest::address, (one, other) -> {
                    assertThat(one).isEqualTo(other);
                    return one;
                }));
    }

    private static String address(StoredTunnel tunnel) {
        return tunnel.annotations().getOrDefault(SetNames.INNER_ADDRESS, "").split(" ", 2)[0];
    }

    @Test
    void a_roll_out_goes_on_whenever_the_controller_is_stopped_and_keeps_its_budget() {
        SetManifest two = MESH.rollout("maxUnavailable: 2");
        cluster.nodes(5);
        cluster.start();
        cluster.apply(two.yaml());
        ready();
        Map<String, String> before = addresses();
        cluster.agents().slow(Duration.ofMillis(300));

        try (DownNodes down = new DownNodes(cluster.client)) {
            cluster.apply(two.template("ttl: 65").yaml());
            for (long stops = 0; !isUpdated(); stops++) {
                long seen = down.changes();
                long some = 1 + stops % 3;
                cluster.await("a few tunnels are changed", () -> down.changes() >= seen + some || isUpdated());
                cluster.stop();
                cluster.start();
            }
            ready();
            assertThat(down.most()).isBetween(1L, 2L);
        }
        cluster.await("the revision is good", () -> "backbone-r2"
                .equals(cluster.status("backbone").orElseThrow().currentRevision()));
        assertThat(addresses()).isEqualTo(before).doesNotContainValue("");
        assertThat(before.values()).hasSize(5).doesNotHaveDuplicates();
    }

    private boolean isUpdated() {
        return cluster.tunnels("backbone").stream()
                .allMatch(tunnel -> tunnel.text("ttl").equals("65"));
    }

    @Test
    void a_controller_whose_list_of_tunnels_is_late_writes_nothing_before_it() throws InterruptedException {
        cluster.nodes(3);
        cluster.start();
        cluster.apply(MESH.yaml());
        ready();
        cluster.stop();
        List<String> before = versions();
        try (FaultyApiServer api = new FaultyApiServer()) {
            api.answerLater(FaultyApiServer.Request.LIST, HttpURLConnection.HTTP_UNAVAILABLE, "");
            cluster.start(api.connect(Config.autoConfigure(null), 2), api.contact());
            Thread.sleep(8000);
            assertThat(versions()).isEqualTo(before);

            api.mend();

            cluster.apply(MESH.template("ttl: 65").yaml());
            cluster.await("it goes on", this::isUpdated);
            ready();
            assertThat(cluster.each("backbone", tunnel -> tunnel.getMetadata().getUid()))
                    .hasSize(6);
            cluster.stop();
        }
    }

    private List<String> versions() {
        return cluster.each("backbone", tunnel -> tunnel.getMetadata().getResourceVersion());
    }

    @Test
    void two_controllers_at_a_time_give_no_address_twice() {
        cluster.nodes(2);
        try (UnelectedController one = new UnelectedController(ControlledCluster.NAMESPACE, (_, _, _) -> {});
                UnelectedController other = new UnelectedController(ControlledCluster.NAMESPACE, (_, _, _) -> {})) {
            cluster.await("both see the cluster", () -> one.isSynced() && other.isSynced());
            one.start();
            other.start();
            cluster.apply(MESH.yaml());
            for (int node = 3; node <= 8; node++) {
                cluster.node(node);
            }
            cluster.await(
                    "all tunnels are there", () -> cluster.tunnels("backbone").size() == 56);
            ready();
            assertThat(addresses().values()).hasSize(8).doesNotHaveDuplicates();
            assertThat(cluster.each("backbone", tunnel -> tunnel.getMetadata().getGeneration() + ""))
                    .as("they agree on what each tunnel is")
                    .containsOnly("1");
        }
    }

    @Test
    void a_deleted_ConfigMap_is_made_again_with_the_same_addresses() {
        cluster.nodes(3);
        cluster.start();
        cluster.apply(MESH.yaml());
        ready();
        List<String> before = contents();
        Map<String, String> stored = stored();

        cluster.client
                .configMaps()
                .inNamespace(ControlledCluster.NAMESPACE)
                .withName("iptunnelset-backbone-addresses")
                .delete();

        cluster.await("it is back", () -> !stored().isEmpty());
        assertThat(stored()).isEqualTo(stored);
        assertThat(contents()).isEqualTo(before);
    }

    private Optional<ConfigMap> configMap() {
        return Optional.ofNullable(cluster.client
                .configMaps()
                .inNamespace(ControlledCluster.NAMESPACE)
                .withName("iptunnelset-backbone-addresses")
                .get());
    }

    private Map<String, String> stored() {
        return configMap().map(ConfigMap::getData).orElse(Map.of());
    }

    private List<String> ownersOfAddresses() {
        return configMap().orElseThrow().getMetadata().getOwnerReferences().stream()
                .map(OwnerReference::getUid)
                .toList();
    }

    @Test
    void the_addresses_belong_to_the_set_and_so_go_with_it() {
        cluster.nodes(2);
        cluster.start();
        String uid = cluster.apply(MESH.yaml()).getMetadata().getUid();

        ready();

        assertThat(ownersOfAddresses()).containsExactly(uid);
    }

    @Test
    void a_status_that_is_removed_while_no_controller_runs_costs_no_change_of_a_tunnel() {
        cluster.nodes(3);
        cluster.start();
        cluster.apply(MESH.yaml());
        ready();
        List<String> before = contents();
        cluster.stop();

        cluster.client
                .resources(IpTunnelSet.class)
                .withName("backbone")
                .subresource("status")
                .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"status\":null}");
        assertThat(cluster.status("backbone")).isEmpty();
        cluster.start();

        ready();
        cluster.await("it is known again what is good", () -> "backbone-r1"
                .equals(cluster.status("backbone").orElseThrow().currentRevision()));
        assertThat(contents()).isEqualTo(before);
    }

    @Test
    void a_set_that_is_deleted_without_its_tunnels_and_made_again_takes_them_over() {
        cluster.nodes(3);
        cluster.start();
        cluster.apply(MESH.yaml());
        ready();
        List<String> before = contents();

        // What the garbage collector does for kubectl delete --cascade=orphan.
        cluster.stop();
        cluster.client.resources(StoredTunnel.class).list().getItems().forEach(this::orphan);
        Map<String, String> addresses = stored();
        orphan(configMap().orElseThrow());
        String old = cluster.set("backbone").orElseThrow().getMetadata().getUid();
        cluster.client.resources(IpTunnelSet.class).withName("backbone").delete();
        cluster.start();
        cluster.apply(MESH.yaml());

        ready();
        String uid = cluster.set("backbone").orElseThrow().getMetadata().getUid();
        assertThat(uid).isNotEqualTo(old);
        cluster.await("all tunnels are of the new set", () -> cluster.tunnels("backbone").stream()
                .allMatch(tunnel -> tunnel.setUid().equals(uid)));
        assertThat(contents()).isEqualTo(before);
        assertThat(stored()).isEqualTo(addresses);
        assertThat(ownersOfAddresses()).containsExactly(uid);
    }

    /** Otherwise the garbage collector deletes the tunnels, for their owner is gone. */
    @Test
    void a_set_whose_deletion_the_watch_has_not_shown_yet_does_not_take_its_tunnels_back() throws InterruptedException {
        cluster.nodes(3);
        cluster.start();
        cluster.apply(MESH.yaml());
        ready();
        cluster.stop();
        AtomicBoolean going = new AtomicBoolean(true);
        CountDownLatch asked = new CountDownLatch(3);
        try (UnelectedController stale = new UnelectedController(ControlledCluster.NAMESPACE, (_, _, _) -> {}, _ -> {
            asked.countDown();
            return going.get();
        })) {
            cluster.client.resources(StoredTunnel.class).list().getItems().forEach(this::orphan);
            orphan(configMap().orElseThrow());
            cluster.await("it watches", stale::isSynced);
            stale.start();

            asked.await();
            assertThat(ownersOfAddresses()).isEmpty();
            assertThat(cluster.tunnels("backbone")).hasSize(6).allMatch(tunnel -> tunnel.setUid()
                    .isEmpty());

            going.set(false);
            cluster.await("the owner is back", () -> cluster.tunnels("backbone").stream()
                    .noneMatch(tunnel -> tunnel.setUid().isEmpty()));
        }
    }

    @Test
    void revisions_that_a_deleted_set_left_do_not_stop_the_next_one_of_that_name() {
        cluster.nodes(2);
        cluster.start();
        cluster.apply(MESH.yaml());
        ready();
        cluster.apply(MESH.template("ttl: 65").yaml());
        cluster.await("there is a second revision", () -> "backbone-r2"
                .equals(cluster.status("backbone").orElseThrow().currentRevision()));
        cluster.apply(MESH.yaml());
        cluster.await("the tunnels have the first one", () -> "backbone-r1"
                .equals(cluster.status("backbone").orElseThrow().currentRevision()));
        cluster.stop();
        cluster.client.resources(StoredTunnel.class).list().getItems().forEach(this::orphan);
        cluster.client.resources(IpTunnelSet.class).withName("backbone").delete();
        cluster.start();

        cluster.apply(MESH.template("ttl: 66").yaml());

        cluster.await("the tunnels follow", () -> cluster.tunnels("backbone").stream()
                .allMatch(tunnel -> tunnel.text("ttl").equals("66")));
        ready();
    }

    @ParameterizedTest
    @CsvSource({"ipip, 10.201.0.0/24, 10.201.0.", "sit, fd00:201::/64, fd00:201:"})
    void addresses_that_a_deleted_set_left_do_not_bind_the_next_one_of_that_name(
            String mode, String pool, String beginning) {
        cluster.nodes(2);
        cluster.start();
        cluster.apply(MESH.yaml());
        ready();
        cluster.client.resources(IpTunnelSet.class).withName("backbone").delete();
        cluster.client.resources(StoredTunnel.class).delete();
        cluster.await("they are gone", () -> cluster.tunnels("backbone").isEmpty());

        cluster.apply(MESH.pool(pool).yaml().replace("mode: ipip", "mode: " + mode));

        ready();
        assertThat(addresses().values()).hasSize(2).allMatch(address -> address.startsWith(beginning));
    }

    private void orphan(HasMetadata dependent) {
        cluster.client
                .resource(dependent)
                .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"metadata\":{\"ownerReferences\":null}}");
    }
}
