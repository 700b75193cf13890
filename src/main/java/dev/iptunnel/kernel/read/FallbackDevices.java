package dev.iptunnel.kernel.read;

import dev.iptunnel.netlink.link.Link;
import dev.iptunnel.tunnel.TunnelDriver;
import java.util.Optional;

/** Recognises devices that take the packets of all remotes by their parameters, since Cilium renames fallback devices. */
public final class FallbackDevices {
    private FallbackDevices() {}

    /** Whether it is a fallback device, or an {@code external} one. */
    public static boolean isForAllRemotes(Link link) {
        return link.tunnel()
                .filter(info -> info.collectMetadata() || isFallback(link))
                .isPresent();
    }

    /** The driver, where it is a device for all remotes. */
    public static Optional<TunnelDriver> driverForAllRemotes(Link link) {
        return isForAllRemotes(link) ? link.kind().flatMap(TunnelDriver::ofKind) : Optional.empty();
    }

    static boolean isFallback(Link link) {
        return ObservedLinks.of(link).isFallback();
    }
}
