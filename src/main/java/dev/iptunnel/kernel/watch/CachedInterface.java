package dev.iptunnel.kernel.watch;

import dev.iptunnel.kernel.read.FallbackDevices;
import dev.iptunnel.kernel.read.ObservedRoutes;
import dev.iptunnel.netlink.link.Link;
import dev.iptunnel.netlink.message.AddressFamily;
import dev.iptunnel.netlink.route.Address;
import dev.iptunnel.netlink.route.Route;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What is known of one interface, and of that, what events were made of. The two differ where it was read again for one
 * tunnel: the others still have to be told. Not thread-safe.
 */
final class CachedInterface {
    private Link link;
    private Link told;
    private boolean linkForgotten;
    private boolean gone;
    private Optional<List<Address>> addresses = Optional.empty();
    /** Empty where the next reading is the first since an event. */
    private Optional<List<Address>> toldAddresses = Optional.empty();
    /** As last known, forgotten or not, and those that came since. */
    private final Set<Address> lastAddresses = new HashSet<>();

    private final Map<AddressFamily, List<Route>> routes = new EnumMap<>(AddressFamily.class);
    private final Map<AddressFamily, Set<Route>> toldRoutes = new EnumMap<>(AddressFamily.class);
    /** Those that are followed, as last known, forgotten or not, and those that came since. */
    private final Map<AddressFamily, Set<Route>> lastRoutes = new EnumMap<>(AddressFamily.class);

    CachedInterface(Link link) {
        this.link = link;
        this.told = link;
    }

    /** The last that was known, forgotten or not. */
    Link link() {
        return link;
    }

    /** The last that an event was made of. */
    Link told() {
        return told;
    }

    boolean isTunnel() {
        return link.tunnel().isPresent();
    }

    boolean linkForgotten() {
        return linkForgotten;
    }

    /** Whether it was not there any more when it was read, which nobody has been told yet. */
    boolean gone() {
        return gone;
    }

    /** Nobody is told. */
    void read(Link now) {
        link = now;
        linkForgotten = false;
        gone = false;
    }

    /** Nobody is told. */
    void readAsGone() {
        linkForgotten = false;
        gone = true;
    }

    /** An event is made of it. */
    void tell(Link now) {
        read(now);
        told = now;
    }

    Optional<List<Address>> addresses() {
        return addresses;
    }

    Set<Address> lastAddresses() {
        return Set.copyOf(lastAddresses);
    }

    List<Address> read(List<Address> now) {
        addresses = Optional.of(now);
        lastAddresses.clear();
        lastAddresses.addAll(now);
        toldAddresses = toldAddresses.or(() -> addresses);
        return now;
    }

    /** Whether somebody has to be told that these are the addresses. */
    boolean isNews(List<Address> now) {
        return toldAddresses.filter(before -> !before.equals(now)).isPresent();
    }

    Optional<List<Route>> routes(AddressFamily family) {
        return Optional.ofNullable(routes.get(family));
    }

    List<Route> read(AddressFamily family, List<Route> now) {
        Set<Route> followed = followed(now);
        routes.put(family, now);
        lastRoutes.put(family, new HashSet<>(followed));
        toldRoutes.putIfAbsent(family, followed);
        return now;
    }

    /** Whether somebody has to be told that these are the routes that are followed. */
    boolean isNews(AddressFamily family, Set<Route> now) {
        return toldRoutes.containsKey(family) && !toldRoutes.get(family).equals(now);
    }

    /** Ours, and those that the addresses brought along; all of a device for all remotes. */
    private Set<Route> followed(Collection<Route> all) {
        boolean forAllRemotes = FallbackDevices.isForAllRemotes(link);
        return all.stream()
                .filter(route -> forAllRemotes
                        || route.protocol() == ObservedRoutes.PROTOCOL
                        || route.protocol() == ObservedRoutes.KERNEL_PROTOCOL)
                .collect(Collectors.toSet());
    }

    /** A followed one, forgotten or not, to the same destination in the same table. */
    boolean hadRouteLike(Route other) {
        return lastRoutes.getOrDefault(other.family(), Set.of()).stream()
                .anyMatch(route -> route.table() == other.table()
                        && ObservedRoutes.destination(route).equals(ObservedRoutes.destination(other)));
    }

    /** Nobody is told. */
    void forget() {
        forgetLink();
        addresses = Optional.empty();
        routes.clear();
    }

    /** Nobody is told. */
    void forgetLink() {
        linkForgotten = true;
    }

    /** An event is made of a change of the addresses, and of the routes that change with them. */
    void tellNetwork() {
        addresses = Optional.empty();
        toldAddresses = Optional.empty();
        tellRoutes();
    }

    /** The same, of one that may not be read before it changes again. */
    void tellAddress(Address address) {
        tellNetwork();
        lastAddresses.add(address);
    }

    /** An event is made of a change of the routes. */
    void tellRoutes() {
        routes.clear();
        toldRoutes.clear();
    }

    /** The same, of one that may not be read before it changes again. */
    void tellRoute(Route route) {
        tellRoutes();
        lastRoutes.computeIfAbsent(route.family(), _ -> new HashSet<>()).addAll(followed(List.of(route)));
    }
}
