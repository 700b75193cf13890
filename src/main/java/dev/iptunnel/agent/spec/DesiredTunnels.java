package dev.iptunnel.agent.spec;

import dev.iptunnel.agent.cluster.NodeTunnels;
import dev.iptunnel.agent.cluster.NodeTunnels.Index;
import dev.iptunnel.api.v1alpha1.IpTunnel;
import dev.iptunnel.planner.Claims;
import dev.iptunnel.tunnel.DesiredTunnel;
import dev.iptunnel.tunnel.IpFamily;
import java.net.InetAddress;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/** What the IpTunnels of the node ask for; each generation of an object is read once. */
public final class DesiredTunnels {
    private static final int FEW = 64;

    private final SpecReader reader;
    private final NodeTunnels tunnels;
    private final Map<String, Reading> readings = new ConcurrentHashMap<>();
    private final Claims claims = new ClaimsOfObjects();
    private volatile int mostReadings = FEW;

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

    /** The claims of all objects with a valid spec, at the moment of each look-up. */
    public Claims claims() {
        return claims;
    }

    /** Looked up in the informer's indexes. */
    private final class ClaimsOfObjects implements Claims {
        @Override
        public Optional<DesiredTunnel> withUid(String uid) {
            return valid(tunnels.by(Index.UID, uid)).findFirst();
        }

        @Override
        public Optional<DesiredTunnel> named(String name) {
            return valid(tunnels.byName(name).stream()).findFirst();
        }

        @Override
        public Stream<DesiredTunnel> ofInterface(String interfaceName) {
            return valid(tunnels.by(Index.INTERFACE, interfaceName));
        }

        @Override
        public Stream<DesiredTunnel> withRemote(InetAddress remote) {
            return valid(tunnels.by(
                    Index.REMOTE, remote.isAnyLocalAddress() ? OuterEndpoints.ANY : IpFamily.format(remote)));
        }

        private Stream<DesiredTunnel> valid(Stream<IpTunnel> objects) {
            return objects.flatMap(tunnel -> reading(tunnel).desired().stream());
        }
    }

    private Reading reading(IpTunnel tunnel) {
        forgetThoseGone();
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

    /** Now and then. */
    private void forgetThoseGone() {
        if (readings.size() > mostReadings) {
            readings.keySet().retainAll(tunnels.uids());
            mostReadings = FEW + 2 * readings.size();
        }
    }
}
