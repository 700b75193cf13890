package dev.iptunnel.controller.reconcile;

import dev.iptunnel.api.v1alpha1.set.IpTunnelSet;
import dev.iptunnel.event.EventWriter;
import dev.iptunnel.event.EventWriter.Reporter;
import dev.iptunnel.event.Occurrence;
import dev.iptunnel.kernel.Heartbeat;
import dev.iptunnel.schedule.Clocks;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;

/** Reports in Events on the sets what the controller did, and what failed. */
public final class SetEvents implements AutoCloseable {
    private final EventWriter writer;

    /** @param instance the name of this process's pod */
    public SetEvents(KubernetesClient client, String instance, Clocks clocks) {
        writer = new EventWriter(
                client,
                new Reporter(
                        "iptunnel.dev/controller",
                        instance,
                        HasMetadata.getApiVersion(IpTunnelSet.class),
                        HasMetadata.getKind(IpTunnelSet.class),
                        "set"),
                clocks,
                () -> false,
                unwritten -> {});
    }

    void normal(IpTunnelSet set, SetEventReason reason, String action, String note) {
        write(set, "Normal", reason, action, note);
    }

    void warning(IpTunnelSet set, SetEventReason reason, String action, String note) {
        write(set, "Warning", reason, action, note);
    }

    private void write(IpTunnelSet set, String type, SetEventReason reason, String action, String note) {
        writer.write(new Occurrence(
                set.getMetadata().getName(), set.getMetadata().getUid(), type, reason.toString(), action, note));
    }

    public Heartbeat heartbeat() {
        return writer.heartbeat();
    }

    @Override
    public void close() {
        writer.close();
    }
}
