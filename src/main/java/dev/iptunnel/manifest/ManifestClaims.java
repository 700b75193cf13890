package dev.iptunnel.manifest;

import dev.iptunnel.planner.Claims;
import dev.iptunnel.tunnel.DesiredTunnel;
import java.net.InetAddress;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What all manifests of the node ask for. */
final class ManifestClaims implements Claims {
    private final Map<String, DesiredTunnel> byUid;
    private final Map<String, DesiredTunnel> byName;
    private final Map<String, List<DesiredTunnel>> byInterface;
    private final Map<InetAddress, List<DesiredTunnel>> byRemote;

    /** @param tunnels each with a name of its own */
    ManifestClaims(Collection<DesiredTunnel> tunnels) {
        byUid = tunnels.stream()
                .collect(Collectors.toMap(tunnel -> tunnel.mark().uid(), Function.identity()));
        byName = tunnels.stream()
                .collect(Collectors.toMap(tunnel -> tunnel.mark().name(), Function.identity()));
        byInterface = tunnels.stream().collect(Collectors.groupingBy(DesiredTunnel::interfaceName));
        byRemote = tunnels.stream().collect(Collectors.groupingBy(DesiredTunnel::remote));
    }

    @Override
    public Optional<DesiredTunnel> withUid(String uid) {
        return Optional.ofNullable(byUid.get(uid));
    }

    @Override
    public Optional<DesiredTunnel> named(String name) {
        return Optional.ofNullable(byName.get(name));
    }

    @Override
    public Stream<DesiredTunnel> ofInterface(String interfaceName) {
        return byInterface.getOrDefault(interfaceName, List.of()).stream();
    }

    @Override
    public Stream<DesiredTunnel> withRemote(InetAddress remote) {
        return byRemote.getOrDefault(remote, List.of()).stream();
    }
}
