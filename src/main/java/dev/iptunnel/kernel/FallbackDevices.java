package dev.iptunnel.kernel;

import dev.iptunnel.netlink.Link;
import dev.iptunnel.netlink.Rtnetlink;
import dev.iptunnel.tunnel.ObservedLink;
import dev.iptunnel.tunnel.TunnelDriver;
import dev.iptunnel.tunnel.TunnelParameters;
import java.util.List;
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

    /** Its present name; the kernel's own where there is none, since an ioctl on that loads the driver's module. */
    String nameOf(TunnelDriver driver) {
        Optional<Link> known = Optional.ofNullable(found.get(driver))
                .flatMap(link -> rtnetlink.link(link.index()))
                .filter(link -> isFallback(link));
        if (known.isPresent()) {
            return known.get().name();
        }
        Optional<Link> fallback = rtnetlink.links(driver.kind()).stream()
                .filter(FallbackDevices::isFallback)
                .findFirst();
        fallback.ifPresent(link -> found.put(driver, link));
        return fallback.map(Link::name).orElse(driver.fallbackName());
    }

    private static boolean isFallback(Link link) {
        ObservedLink observed = ObservedLinks.of(link, List.of());
        return observed.unmanaged().isEmpty()
                && observed.tunnel().filter(TunnelParameters::isFallback).isPresent();
    }
}
