package dev.iptunnel.agent;

import dev.iptunnel.api.v1alpha1.IpTunnel;
import dev.iptunnel.api.v1alpha1.IpTunnelStatus;
import dev.iptunnel.tunnel.Observation.Device;
import dev.iptunnel.tunnel.ObservedLink;
import dev.iptunnel.tunnel.Refusal;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** What the agent remembers of each of its IpTunnels between two reconciliations, by name. */
final class TunnelRegistry {
    private static final IpTunnelStatus NO_STATUS =
            new IpTunnelStatus(null, null, null, null, null, null, null, null, List.of());

    private final Map<String, Entry> entries = new ConcurrentHashMap<>();

    /**
     * @param interfaces the names of the interfaces whose change concerns the tunnel
     * @param ready whether its condition Ready is True
     * @param rival the name of the IpTunnel that this one was refused for
     * @param failures how often in a row it was not programmed
     * @param basedOn the object's resourceVersion when the status was written; its own event may not have come yet
     */
    record Entry(
            String uid,
            Set<String> interfaces,
            boolean ready,
            Optional<String> rival,
            int failures,
            @Nullable String basedOn,
            IpTunnelStatus written) {
        Entry {
            interfaces = Set.copyOf(interfaces);
        }

        /** The status that the API server has: the one in the object, unless we wrote one since it was read. */
        IpTunnelStatus currentStatus(IpTunnel tunnel) {
            return Objects.equals(basedOn, tunnel.getMetadata().getResourceVersion()) ? written : statusIn(tunnel);
        }

        Entry after(IpTunnel tunnel, IpTunnelStatus status, Outcome outcome) {
            return new Entry(
                    uid,
                    interfacesOf(tunnel, outcome),
                    status.conditions().stream()
                            .anyMatch(condition -> condition.getType().equals("Ready")
                                    && condition.getStatus().equals("True")),
                    outcome.notProgrammed().flatMap(Refusal::rival),
                    outcome.programmed() ? 0 : failures + 1,
                    tunnel.getMetadata().getResourceVersion(),
                    status);
        }

        private static Set<String> interfacesOf(IpTunnel tunnel, Outcome outcome) {
            Set<String> names = new HashSet<>();
            names.add(SpecReader.interfaceNameOf(tunnel));
            if (tunnel.getSpec().parent() != null) {
                names.add(tunnel.getSpec().parent());
            }
            outcome.state().ifPresent(state -> {
                state.desired().localSource().ifPresent(names::add);
                state.observed().parent().map(ObservedLink::name).ifPresent(names::add);
                state.observed().path().device().map(Device::name).ifPresent(names::add);
            });
            return names;
        }
    }

    static IpTunnelStatus statusIn(IpTunnel tunnel) {
        return Objects.requireNonNullElse(tunnel.getStatus(), NO_STATUS);
    }

    Entry entry(IpTunnel tunnel) {
        String uid = tunnel.getMetadata().getUid();
        Entry known = entries.get(tunnel.getMetadata().getName());
        return known != null && known.uid().equals(uid) ? known : newEntry(uid);
    }

    private static Entry newEntry(String uid) {
        return new Entry(uid, Set.of(), false, Optional.empty(), 0, null, NO_STATUS);
    }

    /** Whether this very object has been reconciled, and not only one of its name. */
    boolean knows(IpTunnel tunnel) {
        Entry known = entries.get(tunnel.getMetadata().getName());
        return known != null && known.uid().equals(tunnel.getMetadata().getUid());
    }

    void update(IpTunnel tunnel, Entry entry) {
        entries.put(tunnel.getMetadata().getName(), entry);
    }

    void forget(IpTunnel tunnel) {
        entries.computeIfPresent(
                tunnel.getMetadata().getName(),
                (name, entry) -> entry.uid().equals(tunnel.getMetadata().getUid()) ? null : entry);
    }

    /** The tunnels that a change of this interface concerns: those that use it, and all that wait for something. */
    List<String> concernedBy(String interfaceName) {
        return entries.entrySet().stream()
                .filter(entry -> !entry.getValue().ready()
                        || entry.getValue().interfaces().contains(interfaceName))
                .map(Map.Entry::getKey)
                .toList();
    }

    /** The tunnels that were refused for this one. */
    List<String> refusedFor(String name) {
        return entries.entrySet().stream()
                .filter(entry -> entry.getValue().rival().equals(Optional.of(name)))
                .map(Map.Entry::getKey)
                .toList();
    }

    long count(boolean ready) {
        return entries.values().stream().filter(entry -> entry.ready() == ready).count();
    }
}
