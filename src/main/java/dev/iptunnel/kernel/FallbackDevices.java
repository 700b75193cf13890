package dev.iptunnel.kernel;

import dev.iptunnel.netlink.Link;

/** The drivers' own devices, known by what they are: Cilium gives them other names. */
final class FallbackDevices {
    private FallbackDevices() {}

    static boolean isFallback(Link link) {
        return ObservedLinks.of(link).isFallback();
    }
}
