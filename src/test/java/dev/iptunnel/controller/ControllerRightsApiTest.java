package dev.iptunnel.controller;

import static dev.iptunnel.api.Refusal.forbidden;
import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.api.AuditLog;
import dev.iptunnel.api.Edits;
import dev.iptunnel.api.IpTunnels;
import dev.iptunnel.api.Program;
import dev.iptunnel.api.Right;
import dev.iptunnel.controller.cluster.StoredTunnel;
import dev.iptunnel.set.SetNames;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What the controller does with its account, and what {@code deploy/controller} does not let it do. */
@Tag("sets")
class ControllerRightsApiTest {
    private static final PatchContext MERGE = PatchContext.of(PatchType.JSON_MERGE);

    private final AuditLog audit = AuditLog.fromNow();

    @RegisterExtension
    final ControlledCluster cluster = new ControlledCluster();

    private DeployedController deployed;
    private KubernetesClient controller;

    @BeforeEach
    void deploy() {
        deployed = new DeployedController(cluster.client);
        controller = new KubernetesClientBuilder().withConfig(deployed.user()).build();
    }

    @AfterEach
    void remove() {
        cluster.stop();
        controller.close();
        deployed.close();
    }

    private static String mesh(int ttl) {
        return """
                apiVersion: iptunnel.dev/v1alpha1
                kind: IpTunnelSet
                metadata: {name: backbone}
                spec:
                  nodeSelector: {matchLabels: {iptunnel.dev/test: "true"}}
                  topology: {type: Mesh}
                  leaveSeconds: 0
                  revisionHistoryLimit: 1
                  addressPool: {cidrs: [10.200.0.0/24]}
                  rollout: {minReadySeconds: 0, maxUnavailable: 100%%}
                  template: {spec: {mode: ipip, ttl: %d}}
                """
                .formatted(ttl);
    }

    /**
     * Some rights leave no trace here: a Node is read five minutes after it went; whoever applies an object that does not
     * exist, or blocks the deletion of an owner, makes one request and needs two rights; who may list may as well get.
     */
    @Test
    void the_controller_uses_every_right_that_it_has_and_is_refused_nothing() throws IOException {
        Set<Right> granted = Right.grantedBy(deployed.objects());

        liveALife();

        Set<Right> used = audit.usedBy(deployed.account());
        assertThat(Right.uncovered(used, granted))
                .as("asked for, and not granted")
                .isEmpty();
        assertThat(audit.refusedTo(deployed.account())).as("refused").isEmpty();
        assertThat(Right.unused(granted, used))
                .as("granted, and not used")
                .containsExactlyInAnyOrder(
                        new Right("get", "", "nodes", "", ""),
                        new Right("create", "iptunnel.dev", "iptunnels", "", ""),
                        new Right("get", "iptunnel.dev", "iptunnels", "", ""),
                        new Right("get", "iptunnel.dev", "iptunnelsets", "", ""),
                        new Right("update", "iptunnel.dev", "iptunnelsets/finalizers", "", ""));
    }

    /** Creation, changes, a deletion that is undone, a node that leaves, and a node that is gone. */
    private void liveALife() {
        cluster.nodes(3);
        goneNode();
        cluster.start(deployed.user());
        cluster.apply(mesh(64));
        cluster.awaitCondition("backbone", "Ready", "True", "AllTunnelsReady");
        cluster.client.resource(cluster.tunnels("backbone").getFirst()).delete();
        cluster.await("it is put back", () -> cluster.tunnels("backbone").size() == 6);
        for (int edit = 1; edit < 4; edit++) {
            int ttl = edit;
            String name = cluster.tunnels("backbone").getLast().getMetadata().getName();
            Edits.edit(cluster.client.resources(StoredTunnel.class).withName(name), tunnel -> {
                tunnel.getSpec().put("ttl", ttl);
                return tunnel;
            });
            cluster.await(
                    "it is as before", () -> stored(name).require().text("ttl").equals("64"));
        }
        Edits.edit(cluster.client.nodes().withName("node3"), node -> {
            node.getMetadata().getLabels().remove("iptunnel.dev/test");
            return node;
        });
        cluster.await("its tunnels are gone", () -> cluster.tunnels("backbone").size() == 2);
        for (int revision = 2; revision < 5; revision++) {
            String name = "backbone-r" + revision;
            cluster.apply(mesh(64 + revision));
            cluster.await(
                    name,
                    () -> name.equals(cluster.status("backbone").orElseThrow().currentRevision()));
        }
        cluster.await(
                "the Lease of the node that is gone is removed",
                () -> cluster.client
                                .leases()
                                .inNamespace(ControlledCluster.NAMESPACE)
                                .withName("agent.node9")
                                .get()
                        == null);
        assertThat(stored("lost").require().condition("Ready").orElseThrow().getReason())
                .isEqualTo("NodeGone");
        cluster.stop();
    }

    private void goneNode() {
        cluster.client.resource(IpTunnels.ipip("lost", "node9")).create();
        cluster.client
                .resource(new LeaseBuilder()
                        .withNewMetadata()
                        .withName("agent.node9")
                        .withNamespace(ControlledCluster.NAMESPACE)
                        .endMetadata()
                        .withNewSpec()
                        .withHolderIdentity("node9")
                        .withRenewTime(ZonedDateTime.now(ZoneOffset.UTC))
                        .endSpec()
                        .build())
                .create();
    }

    private Resource<StoredTunnel> stored(String name) {
        return cluster.client.resources(StoredTunnel.class).withName(name);
    }

    private Resource<StoredTunnel> asController(String name) {
        return controller.resources(StoredTunnel.class).withName(name);
    }

    /** The API server applies a new policy within about a second. */
    private void awaitPolicies() {
        AtomicInteger index = new AtomicInteger(1000);
        cluster.await(
                "the policies hold the controller",
                () -> isForbidden(() -> writeStatus("{\"ifindex\":" + index.incrementAndGet() + "}"))
                        && isForbidden(() -> controller
                                .resource(IpTunnels.ipip("probe", "node1"))
                                .dryRun()
                                .create()));
    }

    private static boolean isForbidden(Runnable request) {
        try {
            request.run();
            return false;
        } catch (KubernetesClientException e) {
            return e.getCode() == HttpURLConnection.HTTP_FORBIDDEN;
        }
    }

    @Test
    void tunnels_that_no_set_made_cannot_be_changed_claimed_or_deleted() {
        cluster.client.resource(IpTunnels.ipip("mine", "node1")).create();
        awaitPolicies();

        assertThat(forbidden(() -> asController("mine").patch(MERGE, "{\"spec\":{\"ttl\":3}}")))
                .contains("the controller changes no IpTunnel without the label iptunnel.dev/set");
        assertThat(forbidden(() -> asController("mine")
                        .patch(MERGE, "{\"metadata\":{\"labels\":{\"" + SetNames.SET + "\":\"backbone\"}}}")))
                .contains("the controller changes no IpTunnel without the label iptunnel.dev/set");
        assertThat(forbidden(() -> asController("mine").delete()))
                .contains("the controller changes no IpTunnel without the label iptunnel.dev/set");
        assertThat(forbidden(() ->
                        controller.resource(IpTunnels.ipip("other", "node1")).create()))
                .contains("the controller writes only IpTunnels that an IpTunnelSet controls");
    }

    @Test
    void of_a_status_only_Paired_can_be_set_and_two_conditions_to_Unknown() {
        cluster.client.resource(IpTunnels.ipip("mine", "node1")).create();
        cluster.await("the agent has answered", () -> stored("mine")
                .require()
                .condition("Ready")
                .filter(ready -> ready.getStatus().equals("True"))
                .isPresent());
        awaitPolicies();

        String conditions = "the controller sets the conditions Ready and Programmed to Unknown";
        for (String refused : List.of(
                condition("Ready", "False") + ", " + condition("Programmed", "Unknown"),
                condition("Ready", "Unknown") + ", " + condition("Programmed", "Unknown") + ", "
                        + condition("Stalled", "True"),
                condition("Ready", "Unknown"))) {
            assertThat(forbidden(() -> writeStatus("{\"conditions\":[" + refused + "]}")))
                    .contains(conditions);
        }
        assertThat(forbidden(() -> writeStatus("{\"mtu\":1300}")))
                .contains("the controller changes nothing of a status but conditions");
        writeStatus("{\"conditions\":[" + condition("Ready", "Unknown") + ", " + condition("Programmed", "Unknown")
                + ", " + condition("Paired", "False") + "]}");
        assertThat(stored("mine").require().condition("Ready").orElseThrow().getStatus())
                .isEqualTo("Unknown");
    }

    private void writeStatus(String status) {
        asController("mine").subresource("status").patch(MERGE, "{\"status\":" + status + "}");
    }

    private static String condition(String type, String status) {
        return """
                {"type":"%s","status":"%s","reason":"Test","message":"a test","lastTransitionTime":"2026-01-01T00:00:00Z"}"""
                .formatted(type, status);
    }

    @Test
    void whoever_edits_or_deletes_a_tunnel_of_a_set_is_warned() {
        cluster.nodes(2);
        cluster.start(deployed.user());
        cluster.apply(mesh(64));
        cluster.awaitCondition("backbone", "Ready", "True", "AllTunnelsReady");
        cluster.client.resource(IpTunnels.ipip("mine", "node1")).create();
        awaitPolicies();
        String tunnel = cluster.tunnels("backbone").getFirst().getMetadata().getName();
        String warning = "IpTunnelSet backbone made this IpTunnel and will put back what it says of it";

        assertThat(patch(tunnel, "{\"spec\":{\"ttl\":3}}")).contains(warning);
        assertThat(patch(tunnel, "{\"metadata\":{\"annotations\":{\"a\":\"b\"}}}"))
                .doesNotContain(warning);
        assertThat(patch("mine", "{\"spec\":{\"ttl\":3}}")).doesNotContain(warning);
        assertThat(Program.kubectl("delete", "iptunnel", tunnel).requireOutput())
                .contains(warning);
    }

    private static String patch(String tunnel, String merge) {
        return Program.kubectl("patch", "iptunnel", tunnel, "--type=merge", "-p", merge)
                .requireOutput();
    }
}
