package dev.iptunnel.kernel.watch;

import dev.iptunnel.tunnel.IpPrefix;
import java.net.InetAddress;
import java.util.Set;
import java.util.function.Supplier;

/** Subscribes to notifications of routes. */
public interface RouteFollower {
    /**
     * From now on the cache needs notifications of these routes as well.
     *
     * @param all gives the routes that it needs in all, these among them
     */
    void follow(Routes more, Supplier<Routes> all);

    /** From now on the cache needs notifications of these routes only. */
    void followOnly(Routes all);

    /**
     * Which routes matter.
     *
     * @param addresses that the routes lead to
     * @param interfaces that the routes lead out of
     * @param networks that the routes lead to a part of, or to all of and more
     */
    record Routes(Set<InetAddress> addresses, Set<Integer> interfaces, Set<IpPrefix> networks) {
        public static final Routes NONE = new Routes(Set.of(), Set.of(), Set.of());

        public Routes {
            addresses = Set.copyOf(addresses);
            interfaces = Set.copyOf(interfaces);
            networks = Set.copyOf(networks);
        }
    }
}
