package dev.iptunnel.observation;

import dev.iptunnel.tunnel.InnerRoute;

/**
 * A route out of the interface.
 *
 * @param protocol {@code RTPROT_*}: who put it there
 * @param ours it carries our protocol number, so that only those are ever removed
 */
public record ObservedRoute(InnerRoute route, int protocol, boolean ours, RouteDetails details) {
    public static final int RTPROT_KERNEL = 2;
    private static final int RTPROT_RA = 9;

    /** Whether packets go by it as they would by that one: a connected route has a source of its own accord. */
    public boolean stands(InnerRoute wanted) {
        return details.kind() == RouteDetails.Kind.UNICAST
                && details.isOrdinary()
                && (details.preferredSource().isEmpty() || protocol == RTPROT_KERNEL)
                && route.equalsInKernel(wanted);
    }

    /** The kernel's own: of an address, or of a router advertisement. */
    public boolean isKernels() {
        return protocol == RTPROT_KERNEL || protocol == RTPROT_RA;
    }
}
