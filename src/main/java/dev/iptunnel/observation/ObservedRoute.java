package dev.iptunnel.observation;

import dev.iptunnel.tunnel.InnerRoute;

/**
 * A route out of the interface.
 *
 * @param protocol {@code RTPROT_*}: who added it
 * @param ours whether it carries our protocol number; only such routes are removed
 */
public record ObservedRoute(InnerRoute route, int protocol, boolean ours, RouteDetails details) {
    public static final int RTPROT_KERNEL = 2;
    private static final int RTPROT_RA = 9;

    /** Whether it has the effect of the wanted route. A preferred source is only allowed in the kernel's own routes. */
    public boolean stands(InnerRoute wanted) {
        return details.kind() == RouteDetails.Kind.UNICAST
                && details.isOrdinary()
                && (details.preferredSource().isEmpty() || protocol == RTPROT_KERNEL)
                && route.equalsInKernel(wanted);
    }

    /** Whether the kernel itself added it, for an address or after a router advertisement. */
    public boolean isKernels() {
        return protocol == RTPROT_KERNEL || protocol == RTPROT_RA;
    }
}
