package dev.iptunnel.agent.reconcile;

import dev.iptunnel.agent.health.TunnelState;
import dev.iptunnel.api.v1alpha1.IpTunnel;
import dev.iptunnel.kernel.KernelEvent;
import dev.iptunnel.kernel.KernelEvent.EverythingChanged;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** What the agent remembers about each IpTunnel between two reconciliations, by name. */
public final class TunnelRegistry {
    private final Map<String, RegistryEntry> entries = new ConcurrentHashMap<>();
    private final Interests interests = new Interests();
    /**
     * The kernel events that arrived during a look, by the tunnel's name. Which of them concern it is known after the
     * look.
     */
    private final Map<String, Set<KernelEvent>> looks = new HashMap<>();

    RegistryEntry entry(IpTunnel tunnel) {
        String uid = tunnel.getMetadata().getUid();
        RegistryEntry known = entries.get(tunnel.getMetadata().getName());
        return known != null && known.uid().equals(uid) ? known : RegistryEntry.of(uid);
    }

    /** Whether this object, and not only one of the same name, has been reconciled. */
    public boolean knows(IpTunnel tunnel) {
        RegistryEntry known = entries.get(tunnel.getMetadata().getName());
        return known != null && known.uid().equals(tunnel.getMetadata().getUid());
    }

    synchronized void update(IpTunnel tunnel, RegistryEntry entry) {
        String name = tunnel.getMetadata().getName();
        Optional.ofNullable(entries.put(name, entry)).ifPresent(before -> interests.remove(name, before));
        interests.add(name, entry);
    }

    synchronized void forget(IpTunnel tunnel) {
        String name = tunnel.getMetadata().getName();
        RegistryEntry known = entries.get(name);
        if (known != null && known.uid().equals(tunnel.getMetadata().getUid())) {
            entries.remove(name);
            interests.remove(name, known);
        }
    }

    /** Begins to collect kernel events for a look at the tunnel. */
    synchronized void beginLook(IpTunnel tunnel) {
        looks.put(tunnel.getMetadata().getName(), new LinkedHashSet<>());
    }

    /**
     * Drops what was collected for the look: the kernel is read after it, so the look shows what these events were about,
     * above all the changes that the agent itself has just made.
     */
    synchronized void beginRead(IpTunnel tunnel) {
        looks.replace(tunnel.getMetadata().getName(), new LinkedHashSet<>());
    }

    /**
     * Ends the collection, after the result of the look was remembered.
     *
     * @return whether an event that concerns the tunnel arrived meanwhile; the look may have missed it
     */
    synchronized boolean endLook(IpTunnel tunnel) {
        String name = tunnel.getMetadata().getName();
        Set<KernelEvent> meanwhile = Objects.requireNonNullElse(looks.remove(name), Set.of());
        return meanwhile.stream().anyMatch(event -> concernedBy(event).contains(name));
    }

    /**
     * Collects the event for each look in progress.
     *
     * @return the tunnels that it concerns and that are not looked at now: of the others, {@link #endLook} decides
     */
    synchronized Set<String> hear(KernelEvent event) {
        looks.values().forEach(look -> look.add(event));
        Set<String> concerned = new HashSet<>(concernedBy(event));
        concerned.removeAll(looks.keySet());
        return concerned;
    }

    /** The tunnels whose state the event may have changed. */
    synchronized Set<String> concernedBy(KernelEvent event) {
        return event instanceof EverythingChanged ? Set.copyOf(entries.keySet()) : interests.concernedBy(event);
    }

    /** The tunnels that were refused because of this one. */
    public synchronized Set<String> refusedFor(String name) {
        return interests.waitingFor(name);
    }

    /** What is known of each tunnel that was reconciled, in no order. */
    public List<TunnelState> states() {
        return entries.values().stream()
                .flatMap(entry -> entry.state().stream())
                .toList();
    }
}
