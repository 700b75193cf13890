package dev.iptunnel.kernel;

import dev.iptunnel.tunnel.IpPrefix;
import dev.iptunnel.tunnel.TunnelDriver;

/** Something changed in the kernel. It says where to look, not what was found: whoever is concerned observes again. */
public sealed interface KernelEvent {
    /**
     * An interface appeared, changed, or went, or one of its addresses did, or a route of ours out of it.
     *
     * @param tunnel whether a tunnel's driver made it: it may have had, or have let go, what somebody else waits for
     */
    record LinkChanged(String name, boolean tunnel) implements KernelEvent {}

    /** Outer packets to, or from, addresses in this network may go another way. */
    record RouteChanged(IpPrefix destination) implements KernelEvent {}

    /**
     * A device of the driver's that is for all remotes (its fallback device, an {@code external} one) appeared, changed, or
     * went, or one of its addresses or routes did.
     */
    record FallbackChanged(TunnelDriver driver) implements KernelEvent {}

    /** Events were lost (an overrun, a new subscription): everything may have changed. */
    record EverythingChanged() implements KernelEvent {}
}
