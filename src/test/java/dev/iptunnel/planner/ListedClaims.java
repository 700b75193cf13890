package dev.iptunnel.planner;

import dev.iptunnel.tunnel.DesiredTunnel;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Of few tunnels: each look-up goes through all. */
public record ListedClaims(List<DesiredTunnel> tunnels) implements Claims {
    public static final Claims NONE = of(List.of());

    public ListedClaims {
        tunnels = List.copyOf(tunnels);
    }

    public static Claims of(List<DesiredTunnel> tunnels) {
        return new ListedClaims(tunnels);
    }

    @Override
    public Optional<DesiredTunnel> withUid(String uid) {
        return tunnels.stream()
                .filter(tunnel -> tunnel.mark().uid().equals(uid))
                .findFirst();
    }

    @Override
    public Optional<DesiredTunnel> named(String name) {
        return tunnels.stream()
                .filter(tunnel -> tunnel.mark().name().equals(name))
                .findFirst();
    }

    @Override
    public Stream<DesiredTunnel> ofInterface(String interfaceName) {
        return tunnels.stream().filter(tunnel -> tunnel.interfaceName().equals(interfaceName));
    }

    @Override
    public Stream<DesiredTunnel> withRemote(InetAddress remote) {
        return tunnels.stream().filter(tunnel -> tunnel.remote().equals(remote));
    }
}
