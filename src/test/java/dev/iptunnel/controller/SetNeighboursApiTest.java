package dev.iptunnel.controller;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.iptunnel.agent.cluster.FaultyApiServer;
import dev.iptunnel.api.Edits;
import dev.iptunnel.api.v1alpha1.IpTunnel;
import dev.iptunnel.controller.cluster.StoredTunnel;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Sets beside one another, beside hand-made IpTunnels, and beside people who edit, on a real API server. */
@Tag("sets")
class SetNeighboursApiTest {
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

    private List<String> notes(String reason) {
        return cluster.client.events().v1().events().inNamespace("default").list().getItems().stream()
                .filter(event -> event.getReason().equals(reason))
                .map(event -> event.getNote())
                .toList();
    }

    @Test
    void what_the_set_says_is_put_back_and_what_it_does_not_say_stays() {
        cluster.nodes(2);
        cluster.start();
        cluster.apply(MESH.yaml());
        ready();
        String name = cluster.tunnels("backbone").getFirst().getMetadata().getName();

        Edits.edit(cluster.client.resources(StoredTunnel.class).withName(name), tunnel -> {
            tunnel.getSpec().put("ttl", 3).put("paused", true);
            ((ArrayNode) tunnel.getSpec().path("addresses")).addObject().put("address", "172.16.9.9/32");
            return tunnel;
        });

        cluster.await("it is put back", () -> get(name).text("ttl").equals("64"));
        assertThat(get(name).text("paused")).isEqualTo("true");
        assertThat(get(name).getSpec().path("addresses").toString()).contains("172.16.9.9/32", "10.200.0.");
        assertThat(get(name).getSpec().path("addresses")).hasSize(2);
        cluster.await("an Event says so", () -> notes("TunnelPutBack")
                .contains("somebody else changed ttl of IpTunnel " + name + ": change the set instead"));
    }

    private StoredTunnel get(String name) {
        return cluster.client.resources(StoredTunnel.class).withName(name).require();
    }

    @Test
    void a_node_without_an_address_waits_until_the_pool_grows_and_the_others_keep_theirs() {
        cluster.nodes(2);
        cluster.start();
        cluster.apply(MESH.pool("10.200.0.0/31").yaml());
        ready();
        List<String> before = contents();

        cluster.node(3);

        cluster.awaitCondition("backbone", "Stalled", "True", "PoolExhausted");
        assertThat(contents()).isEqualTo(before);

        cluster.apply(MESH.pool("10.200.0.0/31, 10.201.0.0/24").yaml());

        ready();
        assertThat(contents()).hasSize(6).containsAll(before);
    }

    @Test
    void of_two_sets_with_the_same_endpoints_the_younger_one_names_the_winner() throws InterruptedException {
        cluster.nodes(2);
        cluster.start();
        cluster.apply(MESH.yaml());
        ready();
        List<String> before = contents();
        // The API server's time of creation has a resolution of one second.
        Thread.sleep(1100);

        cluster.apply(SetManifest.mesh("second").pool("10.201.0.0/24").yaml());

        cluster.awaitCondition("second", "Stalled", "True", "EndpointConflict");
        assertThat(cluster.condition("second", "Stalled").orElseThrow().getMessage())
                .contains("IpTunnelSet backbone");
        assertThat(cluster.tunnels("second")).isEmpty();
        assertThat(contents()).isEqualTo(before);
    }

    @Test
    void a_hand_made_tunnel_wins_over_a_set() {
        cluster.nodes(2);
        cluster.start();
        cluster.client
                .resource(Serialization.unmarshal(
                        """
                        apiVersion: iptunnel.dev/v1alpha1
                        kind: IpTunnel
                        metadata: {name: mine}
                        spec: {nodeName: node1, mode: ipip, local: 192.0.2.1, remote: 192.0.2.2}
                        """,
                        IpTunnel.class))
                .create();

        cluster.apply(MESH.yaml());

        cluster.awaitCondition("backbone", "Stalled", "True", "EndpointConflict");
        assertThat(cluster.condition("backbone", "Stalled").orElseThrow().getMessage())
                .contains("IpTunnel mine");
        assertThat(cluster.tunnels("backbone")).as("there is no half pair").isEmpty();

        cluster.client.resources(IpTunnel.class).withName("mine").delete();

        ready();
    }

    @Test
    void a_set_whose_status_is_not_answered_holds_up_no_other_one() {
        cluster.nodes(2);
        try (FaultyApiServer api = new FaultyApiServer()) {
            cluster.start(api.connect(Config.autoConfigure(null), 2), api.contact());
            api.answerLater(FaultyApiServer.Request.STATUS_OF_STUCK, HttpURLConnection.HTTP_INTERNAL_ERROR, "");
            cluster.apply(SetManifest.perNode("stuck").yaml());
            cluster.await("it has tunnels", () -> cluster.tunnels("stuck").size() == 2);
            long begin = System.nanoTime();

            cluster.apply(MESH.yaml());

            ready();
            assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(25));
            assertThat(cluster.status("stuck")).isEmpty();
            api.mend();
            cluster.awaitCondition("stuck", "Ready", "True", "AllTunnelsReady");
            cluster.stop();
        }
    }
}
