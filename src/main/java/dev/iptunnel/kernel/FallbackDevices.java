package dev.iptunnel.kernel;

import dev.iptunnel.netlink.Link;
import dev.iptunnel.netlink.Rtnetlink;
import dev.iptunnel.tunnel.TunnelDriver;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** The device of each driver that {@code SIOCADDTUNNEL} goes through, known by what it is: Cilium gives it another name. */
final class FallbackDevices {
    private final Rtnetlink rtnetlink;
    private final Map<TunnelDriver, Link> found = new ConcurrentHashMap<>();

    FallbackDevices(Rtnetlink rtnetlink) {
        this.rtnetlink = rtnetlink;
    }

    /**
     * Its present name; empty where there is none: the driver's module is not loaded, or fallback devices are turned off
     * ({@code net.core.fb_tunnels_only_for_init_net}).
     */
    Optional<String> nameOf(TunnelDriver driver) {
        Optional<Link> known = Optional.ofNullable(found.get(driver))
                .flatMap(link -> rtnetlink.link(link.index()))
                .filter(FallbackDevices::isFallback);
        if (known.isPresent()) {
            return known.map(Link::name);
        }
        Optional<Link> fallback = rtnetlink.links(driver.kind()).stream()
                .filter(FallbackDevices::isFallback)
                .findFirst();
        fallback.ifPresent(link -> found.put(driver, link));
        return fallback.map(Link::name);
    }

    static boolean isFallback(Link link) {
        return ObservedLinks.of(link).isFallback();
    }
}
