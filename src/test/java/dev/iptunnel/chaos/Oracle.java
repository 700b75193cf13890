package dev.iptunnel.chaos;

import dev.iptunnel.api.v1alpha1.IpTunnel;
import dev.iptunnel.api.v1alpha1.IpTunnelSpec;
import dev.iptunnel.api.v1alpha1.LocalSource;
import dev.iptunnel.api.v1alpha1.TunnelAddress;
import dev.iptunnel.api.v1alpha1.TunnelRoute;
import dev.iptunnel.chaos.Expectation.Held;
import dev.iptunnel.chaos.Expectation.Refused;
import dev.iptunnel.chaos.Expectation.ShownRoute;
import dev.iptunnel.chaos.Expectation.Undetermined;
import dev.iptunnel.chaos.NodeSnapshot.ShownLink;
import java.net.InetAddress;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Says, from manifests and from what ip(8) prints of a node, what ip(8) should print of each tunnel. It knows what
 * {@link ManifestGenerator} draws, and nothing of how the operator works.
 */
final class Oracle {
    private static final int ETHERNET = 1500;
    private static final int IPV6_MINIMUM = 1280;

    private final String manager;
    private final Map<String, List<String>> nodeAddresses;

    /** @param nodeAddresses of each node, what {@code localFrom: NodeAddress} gives */
    Oracle(String manager, Map<String, List<String>> nodeAddresses) {
        this.manager = manager;
        this.nodeAddresses = nodeAddresses;
    }

    /** By the objects' names. */
    Map<String, Expectation> expect(List<IpTunnel> objectsOfNode, NodeSnapshot node) {
        Map<String, Expectation> expectations = new LinkedHashMap<>();
        for (IpTunnel object : objectsOfNode) {
            expectations.put(object.getMetadata().getName(), expect(object, objectsOfNode, node));
        }
        return expectations;
    }

    private Expectation expect(IpTunnel object, List<IpTunnel> all, NodeSnapshot node) {
        IpTunnelSpec spec = object.getSpec();
        String name = interfaceName(object);
        String uid = object.getMetadata().getUid();
        if (spec.mode().equals("ipip") && spec.remote().equals("any") && NodeLayout.hasCni(node)) {
            return new Undetermined(name, uid);
        }
        Set<String> reasons = new LinkedHashSet<>();
        Optional<ShownLink> named = node.link(name);
        if (named.filter(link -> !isOurs(link)).isPresent()
                || all.stream().anyMatch(other -> wantsName(other, object))) {
            reasons.add("InterfaceNameConflict");
        }
        if (spec.parent() != null && node.link(spec.parent()).isEmpty()) {
            reasons.add("ParentNotFound");
        }
        if (all.stream().anyMatch(other -> wantsEndpoints(other, object, node))) {
            reasons.add("EndpointConflict");
        }
        Set<String> locals = locals(spec, node);
        if (node.links().values().stream().anyMatch(link -> holdsEndpoints(link, name, spec, locals, node))) {
            reasons.add("EndpointConflict");
        }
        if (locals.isEmpty() && named.filter(this::isOurs).isEmpty()) {
            reasons.add("LocalAddressNotFound");
        }
        return reasons.isEmpty() ? held(object, name, uid, locals, node) : new Refused(name, uid, reasons);
    }

    private Held held(IpTunnel object, String name, String uid, Set<String> allowed, NodeSnapshot node) {
        IpTunnelSpec spec = object.getSpec();
        boolean up = spec.adminState().equals("Up");
        Set<String> locals = allowed.isEmpty() ? local(node, name) : allowed;
        return new Held(
                name,
                uid,
                driver(spec),
                allowed,
                data(spec, node),
                mtu(spec, locals, node),
                up,
                spec.addresses().stream().map(TunnelAddress::address).collect(Collectors.toSet()),
                up ? spec.routes().stream().map(route -> shown(route, spec)).collect(Collectors.toSet()) : Set.of(),
                parent(spec, node).or(() -> routed(spec, locals, node)),
                up ? notReady(spec, locals, node) : Set.of());
    }

    private static Set<String> local(NodeSnapshot node, String name) {
        return node.link(name).map(link -> Set.of(link.data("local"))).orElse(Set.of());
    }

    private boolean isOurs(ShownLink link) {
        return link.alias().startsWith("iptunnel.dev/v1 manager=" + manager + " ");
    }

    static String interfaceName(IpTunnel object) {
        return Optional.ofNullable(object.getSpec().interfaceName())
                .orElseGet(() -> object.getMetadata().getName());
    }

    static boolean isOuter4(IpTunnelSpec spec) {
        return spec.mode().equals("ipip") || spec.mode().equals("sit");
    }

    static String driver(IpTunnelSpec spec) {
        return isOuter4(spec) ? spec.mode() : "ip6tnl";
    }

    private static boolean wantsName(IpTunnel other, IpTunnel object) {
        return isBefore(other, object) && interfaceName(other).equals(interfaceName(object));
    }

    private static boolean wantsEndpoints(IpTunnel other, IpTunnel object, NodeSnapshot node) {
        return isBefore(other, object) && endpoints(other.getSpec(), node).equals(endpoints(object.getSpec(), node));
    }

    private boolean holdsEndpoints(
            ShownLink link, String own, IpTunnelSpec spec, Set<String> locals, NodeSnapshot node) {
        return !isOurs(link)
                && !link.name().equals(own)
                && link.kind().equals(driver(spec))
                && link.data("remote").equals(spec.remote())
                && link.data("link").equals(parentName(spec, node))
                && locals.contains(link.data("local"));
    }

    /** What may not be twice on a node. */
    static List<String> endpoints(IpTunnelSpec spec, NodeSnapshot node) {
        return List.of(
                driver(spec),
                Optional.ofNullable(spec.local()).orElse(String.valueOf(spec.localFrom())),
                spec.remote(),
                parentName(spec, node));
    }

    /** The older one has precedence, then that with the lesser UID. */
    private static boolean isBefore(IpTunnel other, IpTunnel object) {
        Comparator<IpTunnel> order = Comparator.comparing(
                        (IpTunnel tunnel) -> tunnel.getMetadata().getCreationTimestamp())
                .thenComparing(tunnel -> tunnel.getMetadata().getUid());
        return order.compare(other, object) < 0;
    }

    /** Empty where the interface that it is taken from has none. */
    private Set<String> locals(IpTunnelSpec spec, NodeSnapshot node) {
        LocalSource source = spec.localFrom();
        if (source == null) {
            return Set.of(String.valueOf(spec.local()));
        }
        boolean outer4 = isOuter4(spec);
        if (source.type().equals("NodeAddress")) {
            return nodeAddresses.getOrDefault(spec.nodeName(), List.of()).stream()
                    .filter(address -> address.contains(".") == outer4)
                    .limit(1)
                    .collect(Collectors.toSet());
        }
        String from = source.type().equals("Parent") ? String.valueOf(spec.parent()) : source.interfaceName();
        return node.addressesOf(from).stream()
                .filter(address -> address.path("family").asText().equals(outer4 ? "inet" : "inet6"))
                .filter(address -> address.path("scope").asText().equals("global"))
                .filter(address -> !address.path("secondary").asBoolean()
                        && !address.path("tentative").asBoolean()
                        && !address.path("deprecated").asBoolean())
                .map(address -> address.path("local").asText())
                .collect(Collectors.toSet());
    }

    private static Map<String, String> data(IpTunnelSpec spec, NodeSnapshot node) {
        Map<String, String> data = new LinkedHashMap<>();
        data.put("remote", spec.remote());
        data.put("link", parentName(spec, node));
        data.put(
                "ttl",
                spec.ttl().getStrVal() == null ? String.valueOf(spec.ttl().getIntVal()) : "0");
        data.put("fwmark", "");
        boolean inheritsDscp = spec.dscp().getStrVal() != null;
        int trafficClass = inheritsDscp ? 1 : spec.dscp().getIntVal() << 2;
        if (isOuter4(spec)) {
            data.put("proto", spec.mode().equals("ipip") ? "ipip" : "ip6ip");
            data.put("tos", trafficClass == 0 ? "" : "0x%x".formatted(trafficClass));
            data.put("pmtudisc", "true");
            return data;
        }
        data.put("proto", spec.mode());
        data.put("ip6_tnl_f_use_orig_tclass", inheritsDscp ? "true" : "");
        data.put("tclass", inheritsDscp ? "" : "0x%02x".formatted(trafficClass));
        boolean inheritsLabel = spec.flowLabel() != null && spec.flowLabel().getStrVal() != null;
        int label =
                spec.flowLabel() == null || inheritsLabel ? 0 : spec.flowLabel().getIntVal();
        data.put("ip6_tnl_f_use_orig_flowlabel", inheritsLabel ? "true" : "");
        data.put("flowlabel", inheritsLabel ? "" : "0x%05x".formatted(label));
        boolean limited = limitsEncapsulation(spec);
        data.put("ip6_tnl_f_ign_encap_limit", limited ? "" : "true");
        data.put(
                "encap_limit",
                limited ? String.valueOf(spec.encapsulationLimit().getIntVal()) : "");
        return data;
    }

    private static boolean limitsEncapsulation(IpTunnelSpec spec) {
        return spec.encapsulationLimit() != null && spec.encapsulationLimit().getStrVal() == null;
    }

    /** README: derived from the device of the route to the remote, else from the parent. */
    private static int mtu(IpTunnelSpec spec, Set<String> locals, NodeSnapshot node) {
        if (spec.mtu() != null) {
            return spec.mtu();
        }
        int outer = routed(spec, locals, node)
                .or(() -> parent(spec, node))
                .map(ShownLink::mtu)
                .orElse(ETHERNET);
        if (isOuter4(spec)) {
            return spec.mode().equals("sit") ? Math.max(outer - 20, IPV6_MINIMUM) : outer - 20;
        }
        return Math.max(outer - 40 - (limitsEncapsulation(spec) ? 8 : 0), IPV6_MINIMUM);
    }

    private static Optional<ShownLink> parent(IpTunnelSpec spec, NodeSnapshot node) {
        return Optional.ofNullable(spec.parent()).flatMap(node::link);
    }

    /** The spec may have an alternative one. */
    private static String parentName(IpTunnelSpec spec, NodeSnapshot node) {
        return parent(spec, node)
                .map(ShownLink::name)
                .or(() -> Optional.ofNullable(spec.parent()))
                .orElse("");
    }

    private static boolean isDown(ShownLink link) {
        return !link.isUp() || !link.isOperational();
    }

    /**
     * The interface that packets to the remote leave by. IPv4 takes everything to be on the link that a packet is bound to.
     * IPv6 looks for a route of that link alone only where the packet has no source address yet.
     */
    private static Optional<ShownLink> routed(IpTunnelSpec spec, Set<String> locals, NodeSnapshot node) {
        Optional<ShownLink> parent = parent(spec, node);
        if (spec.remote().equals("any")) {
            return Optional.empty();
        }
        if (parent.isPresent() && isOuter4(spec)) {
            return parent.filter(link -> !isDown(link));
        }
        boolean bound = locals.stream().noneMatch(local -> !local.equals("any") && isPresent(local, node));
        return node.routedDevice(
                InetAddress.ofLiteral(spec.remote()), bound ? parent.map(ShownLink::name) : Optional.empty());
    }

    private static boolean isPresent(String local, NodeSnapshot node) {
        return local.equals("any") || node.hasAddress(InetAddress.ofLiteral(local));
    }

    private static Set<String> notReady(IpTunnelSpec spec, Set<String> locals, NodeSnapshot node) {
        Set<String> reasons = new LinkedHashSet<>();
        if (parent(spec, node).filter(Oracle::isDown).isPresent()) {
            reasons.add("ParentDown");
        }
        if (locals.stream().noneMatch(local -> isPresent(local, node))) {
            reasons.add("LocalAddressNotFound");
        }
        if (!spec.remote().equals("any") && routed(spec, locals, node).isEmpty()) {
            reasons.add("NoRouteToRemote");
        }
        return reasons;
    }

    private static ShownRoute shown(TunnelRoute route, IpTunnelSpec spec) {
        boolean inner4 = spec.mode().equals("ipip") || spec.mode().equals("ipip6");
        int metric = route.metric() == 0 && !inner4 ? 1024 : route.metric().intValue();
        return new ShownRoute(
                route.destination(), route.table() == 254 ? "main" : String.valueOf(route.table()), metric);
    }
}
