package dev.iptunnel.diagnosis;

import dev.iptunnel.observation.ConnectedRoute;
import dev.iptunnel.observation.ConnectedRoutes;
import dev.iptunnel.observation.Detour;
import dev.iptunnel.observation.Observation.Device;
import dev.iptunnel.observation.ObservedAddress;
import dev.iptunnel.observation.ObservedLink;
import dev.iptunnel.plan.Operation;
import dev.iptunnel.plan.Operation.AddAddress;
import dev.iptunnel.plan.Operation.AddConnectedRoute;
import dev.iptunnel.plan.Operation.AddRoute;
import dev.iptunnel.plan.Operation.SetLink;
import dev.iptunnel.plan.Reason;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.TunnelMtu;
import dev.iptunnel.tunnel.TunnelParameters;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What is carried: MTU, IPv6, addresses, routes, detours. */
final class InnerChecks {
    private static final int IPV6_MINIMUM = 1280;
    private static final Reason[] OF_ADDRESSES = {
        Reason.ADDRESS_CONFLICT,
        Reason.ROUTE_CONFLICT,
        Reason.ROUTE_WOULD_ISOLATE_NODE,
        Reason.GATEWAY_UNREACHABLE,
        Reason.ROUTE_LOOP
    };

    private final TunnelFacts facts;
    private final PlannedChanges planned;

    private InnerChecks(TunnelFacts facts) {
        this.facts = facts;
        this.planned = new PlannedChanges(facts);
    }

    static List<Finding> of(TunnelFacts facts) {
        InnerChecks checks = new InnerChecks(facts);
        return facts.link()
                .flatMap(link -> link.tunnel()
                        .map(tunnel -> List.of(
                                checks.mtu(link, tunnel), checks.ipv6(link), checks.addresses(link), checks.detours())))
                .orElseGet(() -> Stream.of(Check.MTU, Check.IPV6, Check.ADDRESSES, Check.DETOURS)
                        .map(check -> Finding.skipped(check, "there is no tunnel"))
                        .toList());
    }

    private Finding mtu(ObservedLink link, TunnelParameters tunnel) {
        if (facts.carries(IpFamily.IPV6) && !facts.carries(IpFamily.IPV4) && link.mtu() < IPV6_MINIMUM) {
            return Finding.fail(
                    Check.MTU,
                    "the MTU of " + link.mtu() + " is less than the " + IPV6_MINIMUM
                            + " bytes of IPv6, so the kernel uses no IPv6 on it",
                    "ip link set dev " + link.name() + " mtu " + IPV6_MINIMUM);
        }
        Optional<String> planned = this.planned.commands(
                operation -> operation instanceof SetLink set && set.mtu().isPresent());
        OptionalInt outer = outerMtu();
        if (outer.isEmpty() && planned.isEmpty()) {
            return Finding.ok(Check.MTU, link.mtu() + "; the MTU of the way is not known");
        }
        int fitting = TunnelMtu.fitting(tunnel, outer);
        if (link.mtu() <= fitting) {
            return planned.map(command -> Finding.fail(
                            Check.MTU,
                            "the MTU is " + link.mtu() + ", and not what was asked for or follows from the way",
                            command))
                    .orElseGet(
                            () -> Finding.ok(Check.MTU, link.mtu() + " of the " + fitting + " that fit " + way(outer)));
        }
        return tooLarge(link, tunnel, fitting, way(outer));
    }

    private static Finding tooLarge(ObservedLink link, TunnelParameters tunnel, int fitting, String way) {
        String seen = "the MTU of " + link.mtu() + " is more than the " + fitting + " bytes that fit " + way;
        boolean least = fitting < IPV6_MINIMUM && link.mtu() == IPV6_MINIMUM;
        if (least) {
            return Finding.warn(
                    Check.MTU,
                    seen + "; IPv6 allows no less, so longer packets are fragmented",
                    "raise the MTU of the way; firewalls often drop fragments");
        }
        return tunnel.pathMtuDiscovery()
                ? Finding.fail(
                        Check.MTU,
                        seen + ": longer packets do not pass",
                        "ip link set dev " + link.name() + " mtu " + fitting)
                : Finding.warn(
                        Check.MTU,
                        seen + ": longer packets are fragmented",
                        "ip link set dev " + link.name() + " mtu " + fitting + "; firewalls often drop fragments");
    }

    private OptionalInt outerMtu() {
        OptionalInt device = facts.way()
                .path()
                .device()
                .map(Device::mtu)
                .or(() -> facts.parent().flatMap(ParentFacts::link).map(ObservedLink::mtu))
                .map(OptionalInt::of)
                .orElse(OptionalInt.empty());
        return Stream.of(device, facts.way().mtu())
                .flatMapToInt(OptionalInt::stream)
                .min();
    }

    private String way(OptionalInt outer) {
        WayFacts way = facts.way();
        String whose = way.mtu().equals(outer) && way.mtu().isPresent()
                ? way.learnt() ? " (learnt from the path)" : " (of the route)"
                : way.path()
                        .device()
                        .map(device -> " (of " + device.name() + ")")
                        .orElse(" (of the parent)");
        return "through " + outer.orElse(0) + whose;
    }

    private Finding ipv6(ObservedLink link) {
        if (!facts.carries(IpFamily.IPV6)) {
            return Finding.ok(Check.IPV6, "the tunnel carries IPv4");
        }
        String by = facts.node().ipv6Disabled().isEmpty()
                ? ""
                : " (as that of " + String.join(" and ", facts.node().ipv6Disabled()) + ")";
        if (!link.settings().ipv6Disabled()) {
            return Finding.ok(Check.IPV6, "IPv6 is not disabled on the tunnel");
        }
        String seen = "net.ipv6.conf." + link.name() + ".disable_ipv6 is 1" + by
                + ", so the tunnel has no IPv6 addresses and the kernel drops its packets";
        return facts.carries(IpFamily.IPV4)
                ? Finding.warn(Check.IPV6, seen, "set it to 0 if the tunnel is to carry IPv6")
                : Finding.fail(
                        Check.IPV6,
                        Reason.IPV6_DISABLED,
                        seen,
                        "sysctl -w net.ipv6.conf." + link.name()
                                + ".disable_ipv6=0, and for new interfaces that of default");
    }

    private Finding addresses(ObservedLink link) {
        Optional<String> missing = planned.commands(InnerChecks::adds);
        if (missing.isPresent()) {
            return Finding.fail(Check.ADDRESSES, "addresses or routes are missing", missing.get());
        }
        Optional<Finding> refused =
                planned.refusal(OF_ADDRESSES).map(refusal -> Finding.refused(Check.ADDRESSES, refusal));
        if (refused.isPresent()) {
            return refused.get();
        }
        List<ConnectedRoute> gone = link.addresses().stream()
                .flatMap(address -> ConnectedRoutes.missing(link, address).stream())
                .toList();
        if (!gone.isEmpty()) {
            return Finding.fail(
                    Check.ADDRESSES,
                    "routes that the kernel made for its addresses are gone: "
                            + gone.stream().map(ConnectedRoute::toString).collect(Collectors.joining(", ")),
                    "remove the address and add it again");
        }
        List<String> own = link.addresses().stream()
                .filter(address -> !address.isKernels())
                .map(ObservedAddress::address)
                .map(Object::toString)
                .toList();
        long routes = link.routes().stream().filter(route -> !route.isKernels()).count();
        return own.isEmpty() && routes == 0 && facts.desired().isEmpty() && !facts.isMeantToBeDown()
                ? Finding.warn(
                        Check.ADDRESSES,
                        "it has no address and no route, so nothing is sent through it",
                        "give it an address or a route")
                : Finding.ok(
                        Check.ADDRESSES,
                        (own.isEmpty() ? "no address" : String.join(", ", own)) + "; " + routes + " routes");
    }

    private static boolean adds(Operation operation) {
        return operation instanceof AddAddress
                || operation instanceof AddRoute
                || operation instanceof AddConnectedRoute;
    }

    /** A detour of a whole destination is a failure; of a part it is usual, and worth a look. */
    private Finding detours() {
        Optional<String> report = Detour.report(facts.detours());
        if (report.isEmpty()) {
            return Finding.ok(Check.DETOURS, "no route of others takes packets to its destinations");
        }
        String advice = "remove those routes or rules, unless they are intended";
        boolean whole = facts.detours().stream().anyMatch(detour -> facts.link().stream()
                .flatMap(link -> link.routes().stream())
                .filter(route -> !route.isKernels())
                .anyMatch(route -> detour.packets().covers(route.route().destination())));
        return whole
                ? Finding.fail(Check.DETOURS, report.get(), advice)
                : Finding.warn(Check.DETOURS, report.get(), advice);
    }
}
