package dev.iptunnel.kernel.read;

import dev.iptunnel.netlink.link.Link;
import dev.iptunnel.tunnel.TunnelDriver;
import java.util.Optional;

/** The drivers' own devices, known by what they are: Cilium gives them other names. */
public final class FallbackDevices {
    private FallbackDevices() {}

    /** A fallback device, or an {@code external} one. */
    public static boolean isForAllRemotes(Link link) {
        return link.tunnel()
                .filter(info -> info.collectMetadata() || isFallback(link))
                .isPresent();
    }

    /** Of a device for all remotes. */
    public static Optional<TunnelDriver> driverForAllRemotes(Link link) {
        return isForAllRemotes(link) ? link.kind().flatMap(TunnelDriver::ofKind) : Optional.empty();
    }

    static boolean isFallback(Link link) {
        return ObservedLinks.of(link).isFallback();
    }
}
