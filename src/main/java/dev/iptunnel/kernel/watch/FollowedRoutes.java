package dev.iptunnel.kernel.watch;

import dev.iptunnel.kernel.watch.RouteFollower.Routes;
import dev.iptunnel.tunnel.IpPrefix;
import java.net.InetAddress;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Tells a {@link RouteFollower} which routes matter to the cache. What it could not tell, it tells with the next call. Not
 * thread-safe.
 */
final class FollowedRoutes {
    private final RouteFollower follower;
    private final Supplier<Routes> all;
    private final Set<InetAddress> newAddresses = new HashSet<>();
    private final Set<IpPrefix> newNetworks = new HashSet<>();
    private Set<Integer> interfaces = Set.of();

    /** @param all gives every route that matters, those of the methods' arguments among them */
    FollowedRoutes(RouteFollower follower, Supplier<Routes> all) {
        this.follower = follower;
        this.all = all;
    }

    /** Routes to these addresses matter as well. */
    void addresses(Set<InetAddress> more) {
        newAddresses.addAll(more);
        tell(interfaces);
    }

    /** Routes within these networks matter as well. */
    void networks(Set<IpPrefix> more) {
        newNetworks.addAll(more);
        tell(interfaces);
    }

    /** Routes out of these interfaces matter, and no longer those out of others. */
    void interfaces(Set<Integer> now) {
        tell(now);
    }

    private void tell(Set<Integer> now) {
        Routes more = new Routes(newAddresses, now.equals(interfaces) ? Set.of() : now, newNetworks);
        if (!more.equals(Routes.NONE)) {
            follower.follow(more, all);
            newAddresses.clear();
            newNetworks.clear();
        }
        interfaces = now;
    }

    /** Some may matter no longer. */
    void narrow() {
        follower.followOnly(all.get());
        newAddresses.clear();
        newNetworks.clear();
    }
}
