package dev.iptunnel.kernel.read;

import dev.iptunnel.netlink.link.Link;
import dev.iptunnel.netlink.link.TunnelAttributes;
import dev.iptunnel.tunnel.Mark;
import dev.iptunnel.tunnel.TunnelDriver;
import java.util.Optional;

/**
 * Recognises devices that take the packets of all remotes by their parameters, since Cilium renames fallback devices. Tunnels
 * with a mark are none, since each object decides for itself which remotes it has.
 */
public final class FallbackDevices {
    private FallbackDevices() {}

    /** Whether it is a fallback device, an {@code external} one, or a tunnel of others to any remote. */
    public static boolean isForAllRemotes(Link link) {
        return isExternal(link)
                || (ObservedLinks.of(link)
                                .tunnel()
                                .filter(tunnel -> tunnel.remote().isAnyLocalAddress())
                                .isPresent()
                        && link.alias().flatMap(Mark::parse).isEmpty());
    }

    static boolean isExternal(Link link) {
        return link.tunnel().filter(TunnelAttributes::collectMetadata).isPresent();
    }

    /** The driver, where it is a device for all remotes. */
    public static Optional<TunnelDriver> driverForAllRemotes(Link link) {
        return isForAllRemotes(link) ? link.kind().flatMap(TunnelDriver::ofKind) : Optional.empty();
    }

    public static boolean isFallback(Link link) {
        return ObservedLinks.of(link).isFallback();
    }
}
