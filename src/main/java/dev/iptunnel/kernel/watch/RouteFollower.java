package dev.iptunnel.kernel.watch;

import dev.iptunnel.tunnel.IpPrefix;
import java.net.InetAddress;
import java.util.Set;

/** Subscribes to notifications of routes. */
public interface RouteFollower {
    /**
     * From now on the cache needs notifications of these routes, and of no others.
     *
     * @param addresses that the routes lead to
     * @param interfaces that the routes lead out of
     * @param networks that the routes lead to a part of, or to all of and more
     */
    void follow(Set<InetAddress> addresses, Set<Integer> interfaces, Set<IpPrefix> networks);
}
