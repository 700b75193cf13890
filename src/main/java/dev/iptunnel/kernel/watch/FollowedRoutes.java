package dev.iptunnel.kernel.watch;

import dev.iptunnel.tunnel.IpPrefix;
import java.net.InetAddress;
import java.util.Set;
import java.util.function.Supplier;

/** Tells a {@link RouteFollower} which routes matter to the cache, each time that these change. Not thread-safe. */
final class FollowedRoutes {
    private final RouteFollower follower;
    private final CachedInterfaces interfaces;
    private final Supplier<Set<IpPrefix>> networks;
    private Set<InetAddress> addresses = Set.of();
    private Set<Integer> forAllRemotes = Set.of();

    /**
     * Follows nothing yet.
     *
     * @param interfaces those of them that are for all remotes have their routes followed
     * @param networks gives the networks within which routes are followed
     */
    FollowedRoutes(RouteFollower follower, CachedInterfaces interfaces, Supplier<Set<IpPrefix>> networks) {
        this.follower = follower;
        this.interfaces = interfaces;
        this.networks = networks;
    }

    /** Follows routes to these addresses from now on. */
    void addresses(Set<InetAddress> now) {
        Set<Integer> devices = interfaces.forAllRemotes();
        follower.follow(now, devices, networks.get());
        addresses = now;
        forAllRemotes = devices;
    }

    /** To be called when the networks changed. */
    void networksChanged() {
        addresses(addresses);
    }

    /** To be called when a device for all remotes may have appeared or gone. */
    void interfacesMayHaveChanged() {
        if (!interfaces.forAllRemotes().equals(forAllRemotes)) {
            addresses(addresses);
        }
    }
}
