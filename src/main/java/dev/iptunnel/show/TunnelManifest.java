package dev.iptunnel.show;

import dev.iptunnel.kernel.inventory.PresentTunnel;
import dev.iptunnel.observation.Master;
import dev.iptunnel.observation.ObservedAddress;
import dev.iptunnel.observation.ObservedLink;
import dev.iptunnel.observation.ObservedRoute;
import dev.iptunnel.tunnel.InnerRoute;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.Mark;
import dev.iptunnel.tunnel.TunnelMode;
import dev.iptunnel.tunnel.TunnelParameters;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Pattern;

/**
 * The manifest of an IpTunnel that asks for a present tunnel as it is, so that it is taken over by {@code adoptionPolicy:
 * IfIdentical} without a change. What a spec cannot express is a comment.
 */
public final class TunnelManifest {
    private static final Pattern OBJECT_NAME = Pattern.compile("[a-z0-9]([-a-z0-9]*[a-z0-9])?");
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z][A-Za-z0-9-]*");
    private static final int DEFAULT_TTL = 64;
    private static final int ECN_BITS = 2;
    private static final int ECN_MASK = 3;

    private final PresentTunnel tunnel;
    private final ObservedLink link;
    private final TunnelParameters parameters;
    private final List<String> lines = new ArrayList<>();

    private TunnelManifest(PresentTunnel tunnel) {
        this.tunnel = tunnel;
        this.link = tunnel.link();
        this.parameters = link.tunnel().orElseThrow();
    }

    /** The lines of the manifest; only a comment if no IpTunnel can ask for the tunnel. */
    public static List<String> of(PresentTunnel tunnel, String nodeName) {
        return new TunnelManifest(tunnel).write(nodeName);
    }

    private List<String> write(String nodeName) {
        Optional<TunnelMode> mode = TunnelMode.of(parameters.driver(), parameters.protocol());
        if (tunnel.fallback()) {
            return List.of("# " + link.name() + " is the fallback device of "
                    + parameters.driver().kind() + ": no IpTunnel asks for it");
        }
        if (mode.isEmpty()) {
            return List.of("# " + link.name() + " has mode " + ShownTunnel.mode(parameters) + " ("
                    + parameters.driver().kind() + "), which no IpTunnel asks for");
        }
        obstacles();
        lines.add("apiVersion: iptunnel.dev/v1alpha1");
        lines.add("kind: IpTunnel");
        lines.add("metadata:");
        String name = objectName();
        lines.add("  name: " + quoted(name));
        lines.add("spec:");
        put("nodeName", nodeName);
        if (!name.equals(link.name())) {
            put("interfaceName", link.name());
        }
        put("mode", mode.get().toString());
        put("local", IpFamily.formatEndpoint(parameters.local()));
        put("remote", IpFamily.formatEndpoint(parameters.remote()));
        tunnel.parent().ifPresent(parent -> put("parent", parent));
        vrf();
        outerHeader();
        lines.add("  mtu: " + link.mtu());
        addresses(mode.get());
        routes(mode.get());
        if (!link.up()) {
            put("adminState", "Down");
        }
        put("adoptionPolicy", "IfIdentical");
        return lines;
    }

    /** What has to be changed by hand before an IpTunnel takes the tunnel over. */
    private void obstacles() {
        link.unmanaged().forEach(setting -> lines.add("# no IpTunnel can express: " + setting.text()));
        if (!link.alias().isEmpty() && link.mark().isEmpty()) {
            lines.add("# its alias keeps it from being taken over; remove it by: ip link set dev " + link.name()
                    + " alias ''");
        }
        parameters.tos().ifPresent(tos -> {
            if ((tos & ECN_MASK) != 0) {
                lines.add("# no IpTunnel can express: the lower two bits of tos 0x" + Integer.toHexString(tos));
            }
        });
        if (tunnel.elsewhere()) {
            lines.add("# its endpoints are in another network namespace");
        } else if (parameters.parent() != 0 && tunnel.parent().isEmpty()) {
            lines.add("# it is bound to an interface that is gone, ifindex " + parameters.parent());
        }
    }

    private String objectName() {
        return link.mark()
                .map(Mark::name)
                .filter(name -> !name.isEmpty())
                .orElseGet(() -> OBJECT_NAME.matcher(link.name()).matches() ? link.name() : derivedName());
    }

    /** A name that Kubernetes accepts for a tunnel whose interface has another. */
    private String derivedName() {
        String letters = link.name()
                .toLowerCase(Locale.ROOT)
                .replaceAll("[^a-z0-9]+", "-")
                .replaceAll("^-|-$", "");
        return letters.isEmpty() ? "tunnel-" + link.index() : letters;
    }

    private void vrf() {
        link.master().ifPresent(master -> {
            if (master.vrfTable().isPresent()) {
                put("vrf", master.name());
            } else {
                lines.add("  # no IpTunnel can express: master " + master.name() + ", a " + master.kind());
            }
        });
    }

    private void outerHeader() {
        if (parameters.ttl() != DEFAULT_TTL) {
            lines.add("  ttl: " + (parameters.ttl() == 0 ? "inherit" : parameters.ttl()));
        }
        int tos = parameters.tos().orElse(-1);
        if (tos < 0) {
            lines.add("  dscp: inherit");
        } else if (tos >> ECN_BITS != 0) {
            lines.add("  dscp: " + (tos >> ECN_BITS));
        }
        if (!parameters.pathMtuDiscovery()) {
            lines.add("  pathMtuDiscovery: false");
        }
        if (parameters.encapsulationLimit().isPresent()) {
            lines.add("  encapsulationLimit: " + parameters.encapsulationLimit().getAsInt());
        }
        if (!parameters.flowLabel().equals(OptionalInt.of(0))) {
            lines.add("  flowLabel: "
                    + (parameters.flowLabel().isEmpty()
                            ? "inherit"
                            : parameters.flowLabel().getAsInt()));
        }
    }

    private void addresses(TunnelMode mode) {
        List<ObservedAddress> all = link.addresses().stream()
                .filter(address -> !address.isKernels())
                .toList();
        List<ObservedAddress> expressible = all.stream()
                .filter(address -> address.prefix().family() == mode.inner())
                .toList();
        if (!expressible.isEmpty()) {
            lines.add("  addresses:");
        }
        expressible.forEach(address -> {
            lines.add("    - address: " + quoted(address.prefix().toString()));
            address.peer().ifPresent(peer -> lines.add("      peer: " + quoted(IpFamily.format(peer))));
        });
        all.stream()
                .filter(address -> !expressible.contains(address))
                .forEach(address -> lines.add("  # mode " + mode + " carries no such address: " + address.address()));
    }

    private void routes(TunnelMode mode) {
        List<ObservedRoute> all =
                link.routes().stream().filter(route -> !route.isKernels()).toList();
        List<ObservedRoute> expressible = all.stream()
                .filter(route -> route.route().destination().family() == mode.inner()
                        && Expressible.lackOf(route).isEmpty())
                .toList();
        if (!expressible.isEmpty()) {
            lines.add("  routes:");
        }
        expressible.forEach(route -> route(route.route()));
        all.stream()
                .filter(route -> !expressible.contains(route))
                .forEach(route -> lines.add("  # no IpTunnel can express the route " + route.route()
                        + Expressible.lackOf(route)
                                .map(lack -> " (" + lack + ")")
                                .orElse("")));
    }

    private void route(InnerRoute route) {
        lines.add("    - destination: " + quoted(route.destination().toString()));
        route.gateway().ifPresent(gateway -> lines.add("      gateway: " + quoted(IpFamily.format(gateway))));
        boolean ofVrf = link.master()
                .map(Master::vrfTable)
                .filter(table -> table.isPresent() && table.getAsLong() == route.table())
                .isPresent();
        if (route.table() != InnerRoute.MAIN_TABLE && !ofVrf) {
            lines.add("      table: " + route.table());
        }
        InnerRoute plain = new InnerRoute(route.destination(), route.gateway(), route.table(), 0);
        if (route.kernelMetric() != plain.kernelMetric()) {
            lines.add("      metric: " + route.metric());
        }
    }

    private void put(String field, String value) {
        lines.add("  " + field + ": " + quoted(value));
    }

    /** Quotes whatever YAML could read as something else than a text. */
    private static String quoted(String text) {
        return PLAIN.matcher(text).matches() && !text.matches("(?i)true|false|null|yes|no|on|off|y|n")
                ? text
                : '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }
}
