package dev.iptunnel.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.api.v1alpha1.IpTunnel;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Whom the reconciler has reconciled, besides the object that it reconciles: without any event of the kernel. */
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
    void one_that_was_refused_has_its_turn_when_the_other_asks_for_something_else() {
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
    void one_that_was_refused_is_left_alone_while_the_other_asks_for_the_same() {
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
    void one_that_lost_the_endpoints_is_reconciled_at_once() {
        // given
        reconcile(put("younger", YOUNG, 1, "{}"));

        // when
        reconcile(put("older", OLD, 1, "{}"));

        // then
        assertThat(reconciled).containsExactly("younger");
    }

    @Test
    void one_that_was_refused_for_what_changed_meanwhile_is_reconciled_again() {
        // given
        reconcile(put("older", OLD, 1, "interfaceName: tun\nparent: eth9"));
        IpTunnel younger = put("younger", YOUNG, 1, "interfaceName: tun\nremote: 192.0.2.3");
        afterObserving.add(() -> put("older", OLD, 2, "interfaceName: tun2\nparent: eth9"));

        // when
        reconcile(younger);

        // then
        assertThat(reconciled).containsExactly("younger");
    }
}
