package dev.iptunnel.agent.spec;

import dev.iptunnel.agent.cluster.NodeTunnels;
import dev.iptunnel.api.v1alpha1.IpTunnel;
import dev.iptunnel.planner.Claims;
import dev.iptunnel.tunnel.DesiredTunnel;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** What the IpTunnels of the node ask for; each generation of an object is read once. */
public final class DesiredTunnels {
    private final SpecReader reader;
    private final NodeTunnels tunnels;
    private final Map<String, Reading> readings = new ConcurrentHashMap<>();

    public DesiredTunnels(SpecReader reader, NodeTunnels tunnels) {
        this.reader = reader;
        this.tunnels = tunnels;
    }

    /** @param desired empty if the spec is invalid */
    private record Reading(long generation, Optional<DesiredTunnel> desired) {}

    /**
     * What the object asks for.
     *
     * @throws InvalidSpecException as {@link SpecReader#read}
     */
    public DesiredTunnel of(IpTunnel tunnel) {
        return reading(tunnel).desired().orElseGet(() -> reader.read(tunnel));
    }

    /** The claims of all objects with a valid spec. */
    public Claims claims() {
        List<IpTunnel> known = tunnels.list().toList();
        readings.keySet().retainAll(tunnels.uids());
        return new Claims(known.stream()
                .flatMap(tunnel -> reading(tunnel).desired().stream())
                .toList());
    }

    private Reading reading(IpTunnel tunnel) {
        long generation = Objects.requireNonNullElse(tunnel.getMetadata().getGeneration(), 0L);
        return readings.compute(
                tunnel.getMetadata().getUid(),
                (uid, known) -> known != null && known.generation() == generation ? known : read(tunnel, generation));
    }

    private Reading read(IpTunnel tunnel, long generation) {
        try {
            return new Reading(generation, Optional.of(reader.read(tunnel)));
        } catch (InvalidSpecException e) {
            return new Reading(generation, Optional.empty());
        }
    }
}
