package dev.iptunnel.kernel.watch;

import dev.iptunnel.kernel.read.FallbackDevices;
import dev.iptunnel.kernel.read.ObservedRoutes;
import dev.iptunnel.netlink.link.Link;
import dev.iptunnel.netlink.message.AddressFamily;
import dev.iptunnel.netlink.route.Address;
import dev.iptunnel.netlink.route.Route;
import java.net.InetAddress;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What was last read of one interface, and what was last reported of it by an event. The two differ where it was read
 * for one tunnel after a change whose notification is still to come: the event for the other tunnels follows then. Not
 * thread-safe.
 */
final class CachedInterface {
    private Link link;
    private Link reported;
    private boolean linkForgotten;
    private boolean gone;
    private Optional<List<Address>> addresses = Optional.empty();
    /** Empty after an event, until the addresses are read again. */
    private Optional<List<Address>> reportedAddresses = Optional.empty();
    /** As last read, even if forgotten since, with those that were added since, and without those that went since. */
    private final Set<AddressKey> lastAddresses = new HashSet<>();

    private final Map<AddressFamily, List<Route>> routes = new EnumMap<>(AddressFamily.class);
    private final Map<AddressFamily, Set<Route>> reportedRoutes = new EnumMap<>(AddressFamily.class);
    /** Those that are followed, as last read, even if forgotten since, with those that were added since. */
    private final Map<AddressFamily, Set<Route>> lastRoutes = new EnumMap<>(AddressFamily.class);

    private final RouteDestinations destinations;

    /** What identifies an address of the interface in the kernel. */
    private record AddressKey(InetAddress address, Optional<InetAddress> peer, int prefixLength) {
        static AddressKey of(Address address) {
            return new AddressKey(address.address(), address.peer(), address.prefixLength());
        }
    }

    /** @param destinations keeps the destinations of the followed routes, of all interfaces */
    CachedInterface(Link link, RouteDestinations destinations) {
        this.link = link;
        this.reported = link;
        this.destinations = destinations;
    }

    /** As last read, even if forgotten since. */
    Link link() {
        return link;
    }

    /** As last reported by an event. */
    Link reported() {
        return reported;
    }

    boolean isTunnel() {
        return link.tunnel().isPresent();
    }

    boolean linkForgotten() {
        return linkForgotten;
    }

    /** Whether it did not exist any more when it was last read, which no event has reported yet. */
    boolean gone() {
        return gone;
    }

    /** Without an event. */
    void read(Link now) {
        link = now;
        linkForgotten = false;
        gone = false;
    }

    /** Without an event. */
    void readAsGone() {
        linkForgotten = false;
        gone = true;
    }

    /** With an event. */
    void report(Link now) {
        read(now);
        reported = now;
    }

    Optional<List<Address>> addresses() {
        return addresses;
    }

    Set<InetAddress> lastAddresses() {
        return lastAddresses.stream().map(AddressKey::address).collect(Collectors.toSet());
    }

    List<Address> read(List<Address> now) {
        addresses = Optional.of(now);
        lastAddresses.clear();
        now.forEach(address -> lastAddresses.add(AddressKey.of(address)));
        reportedAddresses = reportedAddresses.or(() -> addresses);
        return now;
    }

    /** Whether these addresses differ from those that were last reported. */
    boolean isNews(List<Address> now) {
        return reportedAddresses.filter(before -> !before.equals(now)).isPresent();
    }

    Optional<List<Route>> routes(AddressFamily family) {
        return Optional.ofNullable(routes.get(family));
    }

    List<Route> read(AddressFamily family, List<Route> now) {
        Set<Route> followed = followed(now);
        routes.put(family, now);
        destinations.remove(link.index(), lastRoutes.getOrDefault(family, Set.of()));
        lastRoutes.put(family, new HashSet<>(followed));
        destinations.add(link.index(), followed);
        reportedRoutes.putIfAbsent(family, followed);
        return now;
    }

    /** Whether these followed routes differ from those that were last reported. */
    boolean isNews(AddressFamily family, Set<Route> now) {
        return reportedRoutes.containsKey(family) && !reportedRoutes.get(family).equals(now);
    }

    /** Our routes, and those that the kernel made for the addresses; of a device for all remotes, all routes. */
    private Set<Route> followed(Collection<Route> all) {
        boolean forAllRemotes = FallbackDevices.isForAllRemotes(link);
        return all.stream()
                .filter(route -> forAllRemotes
                        || route.protocol() == ObservedRoutes.PROTOCOL
                        || route.protocol() == ObservedRoutes.KERNEL_PROTOCOL)
                .collect(Collectors.toSet());
    }

    /** It is not known any more. */
    void remove() {
        lastRoutes.values().forEach(known -> destinations.remove(link.index(), known));
    }

    /** Has everything read again when it is asked for. */
    void forget() {
        forgetLink();
        addresses = Optional.empty();
        routes.clear();
    }

    /** Has the link, without addresses and routes, read again when it is asked for. */
    void forgetLink() {
        linkForgotten = true;
    }

    /** The addresses changed, and with them the routes. An event reports it. */
    void reportNetwork() {
        addresses = Optional.empty();
        reportedAddresses = Optional.empty();
        reportRoutes();
    }

    /** The same. The address is kept, since it may go again before it is read. */
    void reportAddress(Address address) {
        reportNetwork();
        lastAddresses.add(AddressKey.of(address));
    }

    /** The same for an address that went. */
    void reportNoAddress(Address address) {
        reportNetwork();
        lastAddresses.remove(AddressKey.of(address));
    }

    /** The routes changed. An event reports it. */
    void reportRoutes() {
        routes.clear();
        reportedRoutes.clear();
    }

    /** The same. The route is kept, since it may go again before it is read. */
    void reportRoute(Route route) {
        reportRoutes();
        Set<Route> followed = followed(List.of(route));
        lastRoutes.computeIfAbsent(route.family(), _ -> new HashSet<>()).addAll(followed);
        destinations.add(link.index(), followed);
    }
}
