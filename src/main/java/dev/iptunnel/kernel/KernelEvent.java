package dev.iptunnel.kernel;

import dev.iptunnel.tunnel.IpPrefix;
import dev.iptunnel.tunnel.TunnelDriver;

/** Something changed in the kernel. An event says where to look again, and not what is there now. */
public sealed interface KernelEvent {
    /**
     * An interface, one of its addresses, or a route of ours out of it, was added, changed, or deleted.
     *
     * @param tunnel whether a tunnel driver made the interface: its name or endpoints may be free now for another tunnel
     */
    record LinkChanged(String name, boolean tunnel) implements KernelEvent {}

    /** Outer packets to or from addresses in this network may take another route. */
    record RouteChanged(IpPrefix destination) implements KernelEvent {}

    /**
     * A device of the driver that is for all remotes (its fallback device, or an {@code external} one), or one of its
     * addresses or routes, was added, changed, or deleted.
     */
    record FallbackChanged(TunnelDriver driver) implements KernelEvent {}

    /** Events were lost, by an overrun or a new subscription, so everything may have changed. */
    record EverythingChanged() implements KernelEvent {}
}
