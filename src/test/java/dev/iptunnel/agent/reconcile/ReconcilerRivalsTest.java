package dev.iptunnel.agent.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.agent.InterceptedKernel;
import dev.iptunnel.agent.Tunnels;
import dev.iptunnel.api.v1alpha1.IpTunnel;
import dev.iptunnel.observation.ObservedLink;
import dev.iptunnel.tunnel.Mark;
import io.fabric8.kubernetes.api.model.Condition;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Which other objects the reconciler reconciles, without an event of the kernel. */
class ReconcilerRivalsTest {
    private static final String OLD = "2026-01-01T00:00:00Z";
    private static final String YOUNG = "2026-02-02T00:00:00Z";

    private final List<Runnable> afterObserving = new ArrayList<>();
    private final OfflineReconciler node = new OfflineReconciler(
            Tunnels.NODE,
            kernel -> new InterceptedKernel(kernel, () -> afterObserving.forEach(Runnable::run), _ -> {}));
    private final SeveralTunnels known = new SeveralTunnels();
    private final List<String> reconciled = new ArrayList<>();

    @BeforeEach
    void start() {
        node.tunnels.readFrom(known);
        node.source.setEventHandler(
                event -> reconciled.add(event.getRelatedCustomResourceID().getName()));
        node.source.start();
    }

    @AfterEach
    void close() {
        node.close();
    }

    private IpTunnel put(String name, String created, long generation, String fields) {
        IpTunnel tunnel = Tunnels.ipip(name, fields);
        tunnel.getMetadata().setCreationTimestamp(created);
        tunnel.getMetadata().setGeneration(generation);
        tunnel.getMetadata().setResourceVersion(Long.toString(generation));
        return known.put(tunnel);
    }

    private void reconcile(IpTunnel tunnel) {
        node.reconcile(tunnel);
    }

    @Test
    void a_refused_object_is_reconciled_when_the_other_asks_for_something_else() {
        // given
        reconcile(put("older", OLD, 1, "interfaceName: tun\nparent: eth9"));
        reconcile(put("younger", YOUNG, 1, "interfaceName: tun\nremote: 192.0.2.3"));
        reconcile(put("other", YOUNG, 1, "remote: 192.0.2.4\nparent: eth9"));
        assertThat(reconciled).isEmpty();

        // when
        reconcile(put("older", OLD, 2, "interfaceName: tun2\nparent: eth9"));

        // then
        assertThat(reconciled).containsExactly("younger");
    }

    @Test
    void an_object_that_waits_for_the_tunnel_of_a_deleted_object_is_not_stalled() {
        // given
        Tunnels.put(node.kernel.node(), 50, "tun", Tunnels.mark("gone").toString());
        IpTunnel waits = put("waits", YOUNG, 1, "interfaceName: tun");

        // when
        reconcile(waits);

        // then
        assertThat(conditions(waits)).containsExactly("Programmed", "Ready");
        assertThat(message(waits)).contains("removed as soon as the API server confirms that \"gone\" is gone");
    }

    @Test
    void an_object_that_waits_for_the_tunnel_of_an_existing_object_is_stalled() {
        // given
        Tunnels.put(node.kernel.node(), 50, "tun", Tunnels.mark("paused").toString());
        put("paused", OLD, 1, "interfaceName: other\nremote: 192.0.2.9\npaused: true");
        IpTunnel waits = put("waits", YOUNG, 1, "interfaceName: tun");

        // when
        reconcile(waits);

        // then
        assertThat(conditions(waits)).contains("Stalled");
    }

    private List<String> conditions(IpTunnel tunnel) {
        return node.registry.entry(tunnel).written().last().conditions().stream()
                .map(Condition::getType)
                .toList();
    }

    private String message(IpTunnel tunnel) {
        return node.registry
                .entry(tunnel)
                .written()
                .last()
                .conditions()
                .getFirst()
                .getMessage();
    }

    @Test
    void a_refused_object_is_not_reconciled_while_the_other_asks_for_the_same() {
        // given
        IpTunnel older = put("older", OLD, 1, "interfaceName: tun\nparent: eth9");
        reconcile(older);
        reconcile(put("younger", YOUNG, 1, "interfaceName: tun\nremote: 192.0.2.3"));

        // when
        reconcile(older);

        // then
        assertThat(reconciled).isEmpty();
    }

    @Test
    void an_object_that_lost_its_endpoints_is_reconciled_at_once() {
        // given
        reconcile(put("younger", YOUNG, 1, "{}"));

        // when
        reconcile(put("older", OLD, 1, "{}"));

        // then
        assertThat(reconciled).containsExactly("younger");
    }

    @Test
    void what_the_older_object_no_longer_wants_belongs_to_the_younger_at_once() {
        // given
        reconcile(put("older", OLD, 1, "interfaceName: tun\nparent: eth9"));
        IpTunnel younger = put("younger", YOUNG, 1, "interfaceName: tun\nremote: 192.0.2.3");
        afterObserving.add(() -> put("older", OLD, 2, "interfaceName: tun2\nparent: eth9"));

        // when
        reconcile(younger);

        // then
        assertThat(node.kernel.node().named("tun").flatMap(ObservedLink::mark).map(Mark::name))
                .contains("younger");
    }
}
