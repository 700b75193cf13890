package dev.iptunnel.kernel.read;

import dev.iptunnel.netlink.message.Attribute;
import dev.iptunnel.netlink.route.Route;
import dev.iptunnel.netlink.route.RouteAttribute;
import dev.iptunnel.netlink.route.RouteSelector;
import dev.iptunnel.observation.ObservedRoute;
import dev.iptunnel.observation.RouteDetails;
import dev.iptunnel.observation.RouteDetails.Kind;
import dev.iptunnel.tunnel.InnerRoute;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.IpPrefix;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Translates routes into the planner's terms. */
public final class ObservedRoutes {
    /**
     * {@code IFA_PROTO} of our addresses and {@code rtm_protocol} of our routes: a number that no other program is
     * known to use. Taken are 0 to 4 (the kernel), 8 to 18 (routing daemons, DHCP, keepalived), 42 (Babel), 72 (ndppd),
     * 80 (Calico), 84 (OVN; ours in development versions), 99 (Open/R), 129 (Metropolis), 186 to 198 (FRR), 230
     * (vpsAdminOS), 254 (metalbond).
     */
    public static final int PROTOCOL = 173;

    /** {@code RTPROT_KERNEL}, of the routes that the kernel makes for an address. */
    public static final int KERNEL_PROTOCOL = ObservedRoute.RTPROT_KERNEL;

    private ObservedRoutes() {}

    /** The network that the route leads to. */
    public static IpPrefix destination(Route route) {
        return new IpPrefix(route.destination(), route.prefixLength());
    }

    static ObservedRoute of(Route route) {
        return new ObservedRoute(
                new InnerRoute(
                        destination(route),
                        route.gateway(),
                        Integer.toUnsignedLong(route.table()),
                        Integer.toUnsignedLong(route.metric().orElse(0))),
                route.protocol(),
                route.protocol() == PROTOCOL,
                details(route));
    }

    private static RouteDetails details(Route route) {
        RouteSelector selector = route.selector();
        return new RouteDetails(
                kind(route),
                route.preferredSource(),
                selector.source().map(source -> new IpPrefix(source, selector.sourceLength())),
                selector.tos(),
                route.nextHops().isEmpty() && route.nextHopId().isEmpty(),
                others(route));
    }

    private static Kind kind(Route route) {
        return switch (route.type()) {
            case UNICAST -> Kind.UNICAST;
            case LOCAL -> Kind.LOCAL;
            case BROADCAST -> Kind.BROADCAST;
            default -> Kind.OTHER;
        };
    }

    private static List<String> others(Route route) {
        List<String> others = new ArrayList<>();
        if (kind(route) == Kind.OTHER) {
            others.add(route.type().name().toLowerCase(Locale.ROOT));
        }
        if (kind(route) == Kind.UNICAST && IpFamily.of(route.destination()) == IpFamily.IPV4) {
            int usual = route.gateway().isPresent() ? 0 : RouteAttribute.RT_SCOPE_LINK;
            if (route.scope() != usual && !route.nextHopId().isPresent()) {
                others.add("scope " + route.scope());
            }
        }
        if (route.onLink()) {
            others.add("onlink");
        }
        if (route.expires()) {
            others.add("expires");
        }
        route.effects().forEach(effect -> others.add(word(effect)));
        route.unknown().forEach(attribute -> others.add("attribute " + attribute));
        return others;
    }

    private static String word(Attribute effect) {
        return switch (effect.type()) {
                    case RouteAttribute.RTA_METRICS -> "metrics";
                    case RouteAttribute.RTA_FLOW -> "realm";
                    case RouteAttribute.RTA_PREF -> "pref";
                    case RouteAttribute.RTA_ENCAP_TYPE, RouteAttribute.RTA_ENCAP -> "encap";
                    case RouteAttribute.RTA_TTL_PROPAGATE -> "ttl-propagate";
                    default -> "attribute";
                }
                + " " + effect;
    }
}
