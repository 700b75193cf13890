package dev.iptunnel.diagnosis;

import dev.iptunnel.observation.FallbackUse;
import java.util.List;
import java.util.Optional;

/**
 * The driver of a tunnel.
 *
 * @param name of its module
 * @param loaded whether the kernel has it now
 * @param loadable whether the kernel would find its module; empty if that cannot be read
 * @param hasFamily whether the kernel has the outer and the inner family; without IPv6 there is no ip6_tunnel
 * @param fallbackDevice the name of its device for all remotes, if that is up
 * @param uses of devices for all remotes, by packets that the tunnel takes over
 */
public record DriverFacts(
        String name,
        boolean loaded,
        Optional<Boolean> loadable,
        boolean hasFamily,
        Optional<String> fallbackDevice,
        List<FallbackUse> uses) {
    public DriverFacts {
        uses = List.copyOf(uses);
    }
}
