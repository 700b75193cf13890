package dev.iptunnel.planner;

import dev.iptunnel.errno.Errno;
import dev.iptunnel.observation.ConnectedRoute;
import dev.iptunnel.observation.ConnectedRoutes;
import dev.iptunnel.observation.Detour;
import dev.iptunnel.observation.FallbackUse;
import dev.iptunnel.observation.Inet6Setting;
import dev.iptunnel.observation.Master;
import dev.iptunnel.observation.NodeLookup;
import dev.iptunnel.observation.Observation;
import dev.iptunnel.observation.ObservedLink;
import dev.iptunnel.observation.ObservedRoute;
import dev.iptunnel.observation.RouteDetails;
import dev.iptunnel.observation.Surroundings;
import dev.iptunnel.observation.Surroundings.GuardedDestination;
import dev.iptunnel.observation.Surroundings.RoutingRule;
import dev.iptunnel.observation.TunnelObserver;
import dev.iptunnel.plan.Operation;
import dev.iptunnel.plan.Operation.AddAddress;
import dev.iptunnel.plan.Operation.AddConnectedRoute;
import dev.iptunnel.plan.Operation.AddRoute;
import dev.iptunnel.plan.Operation.AddTunnel;
import dev.iptunnel.plan.Operation.ChangeTunnel;
import dev.iptunnel.plan.Operation.DeleteAddress;
import dev.iptunnel.plan.Operation.DeleteAlternativeName;
import dev.iptunnel.plan.Operation.DeleteRoute;
import dev.iptunnel.plan.Operation.DeleteTunnel;
import dev.iptunnel.plan.Operation.RenameLink;
import dev.iptunnel.plan.Operation.SetInetConf;
import dev.iptunnel.plan.Operation.SetLink;
import dev.iptunnel.plan.Plan;
import dev.iptunnel.tunnel.DesiredTunnel;
import dev.iptunnel.tunnel.Endpoints;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.Mark;
import dev.iptunnel.tunnel.TunnelDriver;
import dev.iptunnel.tunnel.TunnelMtu;
import dev.iptunnel.tunnel.TunnelParameters;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A model of the tunnels in the kernel of a node. It behaves as the real kernel was seen to behave. All its routes lead to
 * one device, but for those through tunnels.
 */
public final class SimulatedNode implements NodeLookup {
    private static final int FIRST_TUNNEL = 100;
    private static final List<RoutingRule> RULES = List.of(
            new RoutingRule(0, 255, false), new RoutingRule(32766, 254, false), new RoutingRule(32767, 253, false));

    private final Map<Integer, SimulatedLink> links = new TreeMap<>();
    private final Set<TunnelDriver> missingModules = new TreeSet<>();
    private final List<GuardedDestination> guarded = new ArrayList<>();
    private final Map<String, Integer> alternativeNames = new TreeMap<>();
    private final Map<String, Master> masters = new TreeMap<>();
    private Optional<String> routed = Optional.of("eth0");
    private boolean localPresent = true;
    private boolean ipv6Disabled;
    private boolean renamesUp = true;
    private int nextIndex = FIRST_TUNNEL;

    /** A node with one network card that is up, {@code eth0}, whose ifindex is 2. */
    public static SimulatedNode withEthernet() {
        SimulatedNode node = new SimulatedNode();
        node.put(ethernet(2, "eth0", 1500));
        return node;
    }

    public static ObservedLink ethernet(int index, String name, int mtu) {
        return ObservedLink.builder(index, name).mtu(mtu).build();
    }

    public void put(ObservedLink link) {
        links.put(link.index(), new SimulatedLink(link, link.mtu(), false));
    }

    /** As {@code ip link property add}. */
    public void alternativeName(String name, ObservedLink link) {
        alternativeNames.put(name, link.index());
    }

    /** Adds an interface that others may be ports of. */
    public void master(Master master) {
        masters.put(master.name(), master);
    }

    public void removeMaster(String name) {
        masters.remove(name);
    }

    public void remove(ObservedLink link) {
        links.remove(link.index());
    }

    public void routeBy(Optional<String> device) {
        routed = device;
    }

    public void localPresent(boolean present) {
        localPresent = present;
    }

    public void withoutModule(TunnelDriver driver) {
        missingModules.add(driver);
    }

    /** Behaves as kernels before Linux 6.2, which do not rename an interface that is up. */
    public void renamesUp(boolean renames) {
        renamesUp = renames;
    }

    public void disableIpv6() {
        ipv6Disabled = true;
    }

    /** The interface of that name, which may be an alternative name. */
    public Optional<ObservedLink> named(String name) {
        return all().filter(link -> link.name().equals(name) || alternativeNames.getOrDefault(name, 0) == link.index())
                .findFirst();
    }

    public Stream<ObservedLink> all() {
        return links.values().stream().map(SimulatedLink::seen);
    }

    /** The MTU that IPv6 uses, {@code net.ipv6.conf.X.mtu}. */
    int ipv6Mtu(String name) {
        return links.values().stream()
                .filter(link -> link.seen().name().equals(name))
                .mapToInt(SimulatedLink::ipv6Mtu)
                .sum();
    }

    /** Adds an address that no route may take over. */
    public void guard(GuardedDestination destination) {
        guarded.add(destination);
    }

    @Override
    public Optional<NodeLink> link(String name) {
        return named(name).map(Found::new);
    }

    @Override
    public Optional<NodeLink> link(int index) {
        return Optional.ofNullable(links.get(index)).map(link -> new Found(link.seen()));
    }

    @Override
    public Stream<NodeLink> tunnelsOf(Mark object) {
        return all().filter(link -> link.tunnel().isPresent() && !link.isFallback())
                .filter(link ->
                        link.mark().filter(mark -> mark.isOfSameName(object)).isPresent())
                .map(Found::new);
    }

    @Override
    public Optional<Master> master(String name) {
        return Optional.ofNullable(masters.get(name));
    }

    /** Through the parent, or else through a tunnel with a route there, or the one device that all other routes lead to. */
    @Override
    public OuterRoute outerRoute(OuterQuery query) {
        OptionalInt device = query.remote().isAnyLocalAddress()
                ? OptionalInt.empty()
                : query.oif().isPresent()
                        ? query.oif()
                        : routed.flatMap(name -> tunnelTo(query.remote()).or(() -> named(name))).stream()
                                .mapToInt(ObservedLink::index)
                                .findFirst();
        return new OuterRoute(device, localPresent, Optional.empty(), Optional.empty());
    }

    private Optional<ObservedLink> tunnelTo(InetAddress remote) {
        return all().filter(link -> link.up()
                        && link.routes().stream()
                                .anyMatch(route -> route.route().destination().contains(remote)))
                .findFirst();
    }

    @Override
    public List<FallbackUse> fallbackUses(Endpoints endpoints) {
        return List.of();
    }

    @Override
    public List<Detour> detours(DetourQuery query) {
        return List.of();
    }

    @Override
    public Surroundings surroundings(DesiredTunnel desired, TunnelParameters wanted, Observation observed) {
        Optional<ObservedLink> holder = all().filter(link -> !observed.isOwn(link)
                        && link.tunnel().map(TunnelParameters::endpoints).equals(Optional.of(wanted.endpoints())))
                .findFirst();
        return new Surroundings(holder, List.of(), guarded, RULES);
    }

    @Override
    public boolean isEndangeredBy(DesiredTunnel desired, Observation observed) {
        return false;
    }

    @Override
    public boolean renamesUp() {
        return renamesUp;
    }

    @Override
    public boolean setsInet6Conf() {
        return true;
    }

    /** A link with everything that it has. */
    private final class Found implements NodeLink {
        private final ObservedLink link;

        Found(ObservedLink link) {
            this.link = link;
        }

        @Override
        public ObservedLink link() {
            return link;
        }

        @Override
        public Set<String> names() {
            return Stream.concat(
                            Stream.of(link.name()),
                            alternativeNames.entrySet().stream()
                                    .filter(entry -> entry.getValue() == link.index())
                                    .map(Map.Entry::getKey))
                    .collect(Collectors.toSet());
        }

        @Override
        public boolean sendsElsewhere() {
            return false;
        }

        @Override
        public ObservedLink withAddresses() {
            return link;
        }

        @Override
        public ObservedLink inFull(Set<IpFamily> routes) {
            return withConnectedRoutes(link);
        }
    }

    /** Observes as the kernel layer does. */
    public Observation observe(DesiredTunnel desired) {
        return new TunnelObserver(this).observe(desired);
    }

    /** The link with the routes that the kernel adds for its addresses. */
    public static ObservedLink withConnectedRoutes(ObservedLink link) {
        ObservedLink bare = link.toBuilder().routes(List.of()).build();
        return link.toBuilder()
                .routes(Stream.concat(
                                link.routes().stream(),
                                link.addresses().stream()
                                        .flatMap(address -> ConnectedRoutes.missing(bare, address).stream())
                                        .distinct()
                                        .map(route -> new ObservedRoute(
                                                route.route(), ObservedRoute.RTPROT_KERNEL, false, details(route))))
                        .toList())
                .build();
    }

    private static RouteDetails details(ConnectedRoute route) {
        return new RouteDetails(route.kind(), route.preferredSource(), Optional.empty(), 0, true, List.of());
    }

    /**
     * Applies the operations in order, up to the first that the kernel refuses, and throws {@link SimulatedRefusal}. An
     * address or route that is refused does not stop the rest; its refusal is thrown at the end, with the others suppressed
     * in it.
     */
    public void apply(Plan plan) {
        OptionalInt added = OptionalInt.empty();
        Optional<SimulatedRefusal> first = Optional.empty();
        for (Operation operation : plan.operations()) {
            try {
                added = apply(operation, added);
            } catch (SimulatedRefusal refusal) {
                first.ifPresent(earlier -> earlier.addSuppressed(refusal));
                first = first.or(() -> Optional.of(refusal));
                if (!(operation instanceof AddAddress || operation instanceof AddRoute)) {
                    throw first.get();
                }
            }
        }
        if (first.isPresent()) {
            throw first.get();
        }
    }

    /** @param added the ifindex of the tunnel that the plan created before */
    private OptionalInt apply(Operation operation, OptionalInt added) {
        switch (operation) {
            case AddTunnel add -> {
                return OptionalInt.of(add(add));
            }
            case ChangeTunnel change -> change(change);
            case DeleteTunnel delete -> delete(delete);
            case SetLink set -> update(set, set.index().orElseGet(added::orElseThrow), link -> link.set(set));
            case RenameLink rename -> rename(rename);
            case AddAddress add ->
                update(add, add.index().orElseGet(added::orElseThrow), link -> link.add(add, ipv6Disabled));
            case DeleteAddress delete -> update(delete, delete.index(), link -> link.delete(delete));
            case DeleteAlternativeName delete -> alternativeNames.remove(delete.alternativeName(), delete.index());
            case SetInetConf set -> update(set, set.index().orElseGet(added::orElseThrow), link -> link.set(set));
            case Operation.ClearInet6Conf clear ->
                update(clear, clear.index().orElseGet(added::orElseThrow), link -> link.clear(clear));
            case Operation.SetMaster set ->
                update(set, set.index().orElseGet(added::orElseThrow), link -> link.set(set));
            case AddConnectedRoute add -> throw new SimulatedRefusal(add, Errno.EEXIST);
            case AddRoute add -> addRoute(add, add.index().orElseGet(added::orElseThrow));
            case DeleteRoute delete -> update(delete, delete.index(), link -> link.delete(delete));
        }
        return added;
    }

    private void addRoute(AddRoute add, int index) {
        boolean taken = all().flatMap(link -> link.routes().stream())
                .anyMatch(route -> route.route().isSameEntryAs(add.route()));
        if (taken) {
            throw new SimulatedRefusal(add, Errno.EEXIST);
        }
        update(add, index, link -> link.add(add));
    }

    private int add(AddTunnel add) {
        TunnelDriver driver = add.parameters().driver();
        if (missingModules.contains(driver)) {
            throw new SimulatedRefusal(add, Errno.ENODEV);
        }
        if (named(add.name()).isPresent() || endpointsTaken(add.parameters(), 0)) {
            throw new SimulatedRefusal(add, Errno.EEXIST);
        }
        int index = nextIndex++;
        ObservedLink link = ObservedLink.builder(index, add.name())
                .up(false)
                .operState("DOWN")
                .mtu(derivedMtu(add.parameters()))
                .tunnel(Optional.of(add.parameters()))
                .group(add.birthGroup())
                .build();
        put(SimulatedLink.trusting(link, EnumSet.allOf(Inet6Setting.class)));
        return index;
    }

    private void rename(RenameLink rename) {
        if (named(rename.newName()).isPresent()) {
            throw new SimulatedRefusal(rename, Errno.EEXIST);
        }
        update(rename, rename.index(), link -> link.rename(rename, renamesUp));
    }

    private void change(ChangeTunnel change) {
        if (endpointsTaken(change.parameters(), change.index())) {
            throw new SimulatedRefusal(change, Errno.EEXIST);
        }
        update(change, change.index(), link -> link.change(change, derivedMtu(change.parameters())));
    }

    private void delete(DeleteTunnel delete) {
        ObservedLink link = named(delete.name())
                .filter(known -> known.index() == delete.index())
                .orElseThrow(() -> new SimulatedRefusal(delete, Errno.ENODEV));
        if (link.tunnel().orElseThrow().isFallback() || !link.alias().equals(delete.alias())) {
            throw new SimulatedRefusal(delete, Errno.EPERM);
        }
        links.remove(link.index());
    }

    private void update(Operation operation, int index, UnaryOperator<SimulatedLink> change) {
        SimulatedLink link = links.get(index);
        if (link == null || !link.seen().name().equals(operation.name())) {
            throw new SimulatedRefusal(operation, Errno.ENODEV);
        }
        links.put(index, change.apply(link));
    }

    private boolean endpointsTaken(TunnelParameters wanted, int exceptIndex) {
        return all().filter(link -> link.index() != exceptIndex)
                .flatMap(link -> link.tunnel().stream())
                .anyMatch(tunnel -> tunnel.driver() == wanted.driver()
                        && tunnel.local().equals(wanted.local())
                        && tunnel.remote().equals(wanted.remote())
                        && tunnel.parent() == wanted.parent());
    }

    private int derivedMtu(TunnelParameters parameters) {
        SimulatedLink parent = links.get(parameters.parent());
        OptionalInt outer = parent == null
                ? routed.flatMap(this::named).stream()
                        .mapToInt(ObservedLink::mtu)
                        .findFirst()
                : OptionalInt.of(parent.seen().mtu());
        return TunnelMtu.derived(parameters, outer);
    }
}
