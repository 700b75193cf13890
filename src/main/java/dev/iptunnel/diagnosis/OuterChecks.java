package dev.iptunnel.diagnosis;

import dev.iptunnel.observation.Observation.Carrier;
import dev.iptunnel.observation.Observation.Device;
import dev.iptunnel.observation.Observation.OuterPath;
import dev.iptunnel.observation.ObservedLink;
import dev.iptunnel.plan.Reason;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.TunnelParameters;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The way of the outer packets: parent, local address, endpoints, rules, route. */
final class OuterChecks {
    private final TunnelFacts facts;
    private final PlannedChanges planned;

    private OuterChecks(TunnelFacts facts) {
        this.facts = facts;
        this.planned = new PlannedChanges(facts);
    }

    static List<Finding> of(TunnelFacts facts) {
        OuterChecks checks = new OuterChecks(facts);
        return facts.parameters()
                .map(tunnel -> List.of(
                        checks.parent(),
                        checks.local(tunnel),
                        checks.endpoints(tunnel),
                        checks.rules(tunnel),
                        checks.route(tunnel)))
                .orElseGet(() -> Stream.of(Check.PARENT, Check.LOCAL_ADDRESS, Check.ENDPOINTS, Check.RULES, Check.ROUTE)
                        .map(check -> Finding.skipped(check, "there is no tunnel"))
                        .toList());
    }

    private Finding parent() {
        Optional<Finding> refused = planned.refusal(Reason.PARENT_NOT_FOUND, Reason.PARENT_DOWN)
                .map(refusal -> Finding.refused(Check.PARENT, refusal));
        if (refused.isPresent()) {
            return refused.get();
        }
        if (facts.parent().isEmpty()) {
            return Finding.ok(Check.PARENT, "bound to none");
        }
        ParentFacts parent = facts.parent().get();
        String whose = (parent.bound() ? "parent " : "outgoing interface ") + parent.name();
        if (parent.elsewhere()) {
            return Finding.ok(Check.PARENT, whose + " is in another network namespace, where it is not checked");
        }
        if (parent.link().isEmpty()) {
            return Finding.fail(
                    Check.PARENT,
                    Reason.PARENT_NOT_FOUND,
                    whose + " does not exist any more",
                    "bring the interface back, or make the tunnel anew on another parent");
        }
        return parent(parent, parent.link().get(), whose);
    }

    private Finding parent(ParentFacts parent, ObservedLink link, String whose) {
        if (!link.up()) {
            return Finding.fail(
                    Check.PARENT, Reason.PARENT_DOWN, whose + " is down", "ip link set dev " + link.name() + " up");
        }
        if (!link.operState().equals("UP") && !link.operState().equals("UNKNOWN")) {
            return Finding.fail(
                    Check.PARENT,
                    Reason.PARENT_DOWN,
                    whose + " is up, but in state " + link.operState() + ": it has no carrier",
                    "look at its cable, its switch port, or the interface below it");
        }
        if (facts.isOver(IpFamily.IPV6) && parent.ipv6Disabled()) {
            return Finding.fail(
                    Check.PARENT,
                    Reason.IPV6_DISABLED,
                    "net.ipv6.conf." + link.name() + ".disable_ipv6 is 1, so " + whose + " carries no IPv6",
                    "sysctl -w net.ipv6.conf." + link.name() + ".disable_ipv6=0");
        }
        return Finding.ok(Check.PARENT, whose + " is up, MTU " + link.mtu());
    }

    private Finding local(TunnelParameters tunnel) {
        LocalFacts local = facts.local();
        String chosen = local.chosen()
                .map(address -> "the kernel would choose " + IpFamily.format(address) + " for packets to that remote")
                .orElse("the kernel finds no address for packets to that remote");
        if (tunnel.local().isAnyLocalAddress()) {
            return Finding.ok(
                    Check.LOCAL_ADDRESS, "any: " + (facts.way().known() ? chosen : "it takes packets to any"));
        }
        String address = IpFamily.format(tunnel.local());
        if (!local.present() && !local.duplicate() && !local.tentative()) {
            return Finding.fail(
                    Check.LOCAL_ADDRESS,
                    Reason.LOCAL_ADDRESS_NOT_FOUND,
                    "the node does not have the address " + address + "; " + chosen,
                    "give the address back to its interface, or give the tunnel another local address");
        }
        String whose = address + local.device().map(device -> " on " + device).orElse("");
        if (local.duplicate()) {
            return Finding.fail(
                    Check.LOCAL_ADDRESS,
                    Reason.LOCAL_ADDRESS_NOT_FOUND,
                    whose + " is used by another machine as well (dadfailed), so the kernel does not use it",
                    "find the other machine, remove the address and add it again");
        }
        if (local.tentative()) {
            return Finding.warn(
                    Check.LOCAL_ADDRESS,
                    whose + " is tentative: duplicate address detection still runs, and no packet leaves",
                    "wait two seconds and look again");
        }
        return Finding.ok(
                Check.LOCAL_ADDRESS,
                whose
                        + local.chosen()
                                .filter(other -> !other.equals(tunnel.local()))
                                .map(_ -> "; left to itself " + chosen)
                                .orElse(""));
    }

    private Finding endpoints(TunnelParameters tunnel) {
        Optional<Finding> refused =
                planned.refusal(Reason.ENDPOINT_CONFLICT).map(refusal -> Finding.refused(Check.ENDPOINTS, refusal));
        if (refused.isPresent()) {
            return refused.get();
        }
        List<ObservedLink> takers = new PacketTakers(tunnel, source(tunnel), arrival(tunnel)).among(facts.others());
        if (!takers.isEmpty()) {
            return Finding.fail(
                    Check.ENDPOINTS,
                    Reason.ENDPOINT_CONFLICT,
                    takers.stream().map(ObservedLink::inWords).collect(Collectors.joining(", "))
                            + " fits the packets of this tunnel as well and gets them",
                    "remove one of the two, or give them different endpoints");
        }
        return Finding.ok(
                Check.ENDPOINTS,
                tunnel.remote().isAnyLocalAddress()
                        ? "remote any: it takes packets from every remote that no other tunnel names"
                        : "no other tunnel takes its packets");
    }

    private InetAddress source(TunnelParameters tunnel) {
        return tunnel.local().isAnyLocalAddress() ? facts.local().chosen().orElse(tunnel.local()) : tunnel.local();
    }

    private OptionalInt arrival(TunnelParameters tunnel) {
        return tunnel.parent() != 0
                ? OptionalInt.of(tunnel.parent())
                : facts.way()
                        .path()
                        .device()
                        .map(Device::index)
                        .map(OptionalInt::of)
                        .orElse(OptionalInt.empty());
    }

    private Finding rules(TunnelParameters tunnel) {
        WayFacts way = facts.way();
        if (!way.known() || way.rules().isEmpty()) {
            return Finding.ok(Check.RULES, "no rule of policy routing but the kernel's own");
        }
        String rules = "rules: " + String.join(", ", way.rules());
        if (way.mainRoute().isEmpty()) {
            return Finding.ok(Check.RULES, rules);
        }
        String remote = IpFamily.format(tunnel.remote());
        if (way.path().device().isEmpty()) {
            return facts.local().present()
                    ? Finding.fail(
                            Check.RULES,
                            Reason.NO_ROUTE_TO_REMOTE,
                            "the main table has a route to " + remote + " ("
                                    + way.mainRoute().get() + "), but a rule keeps the tunnel's packets from it; "
                                    + rules,
                            "ip rule show, then ip route get " + remote + " from "
                                    + IpFamily.formatEndpoint(tunnel.local()))
                    : Finding.ok(Check.RULES, rules);
        }
        return Finding.warn(
                Check.RULES,
                "a rule sends the tunnel's packets to table " + way.table() + " (" + way.route()
                        + "), not by the main table (" + way.mainRoute().get() + "); " + rules,
                "ip rule show, and see whether that is intended");
    }

    private Finding route(TunnelParameters tunnel) {
        WayFacts way = facts.way();
        if (!way.known()) {
            return Finding.ok(Check.ROUTE, "remote any: the packets follow the routes of the inner destination");
        }
        String remote = IpFamily.format(tunnel.remote());
        Optional<Device> device = way.path().device();
        if (device.isEmpty()) {
            return facts.local().present()
                    ? Finding.fail(
                            Check.ROUTE,
                            Reason.NO_ROUTE_TO_REMOTE,
                            noRoute(tunnel, remote),
                            "ip route get " + remote + " shows it; add a route to " + remote)
                    : Finding.skipped(Check.ROUTE, "without the local address the kernel looks up no route");
        }
        if (way.assumed()) {
            return Finding.warn(
                    Check.ROUTE,
                    "no route leads to " + remote + " by " + device.get().name()
                            + ", so the kernel takes it to be on that link",
                    "if it is behind a gateway, add a route to " + remote + " by "
                            + device.get().name());
        }
        return loop(way.path(), device.get(), remote)
                .orElseGet(() -> Finding.ok(Check.ROUTE, "to " + remote + " " + way.route() + carriers(way.path())));
    }

    private String noRoute(TunnelParameters tunnel, String remote) {
        String by = tunnel.parent() == 0
                ? ""
                : " by the parent " + facts.parent().map(ParentFacts::name).orElse("");
        return switch (facts.way().refused()) {
            case "none" -> "the node has no route to " + remote + by;
            case String type -> "a route of type " + type + " drops the packets to " + remote + by;
        };
    }

    private Optional<Finding> loop(OuterPath path, Device device, String remote) {
        boolean itself =
                facts.link().filter(link -> link.index() == device.index()).isPresent();
        if (!itself && !path.loops()) {
            return Optional.empty();
        }
        return Optional.of(Finding.fail(
                Check.ROUTE,
                Reason.ROUTE_LOOP,
                "the route to " + remote + " leads "
                        + (itself
                                ? "into the tunnel itself"
                                : "into "
                                        + path.carriers().stream()
                                                .map(Carrier::name)
                                                .collect(Collectors.joining(", then "))
                                        + ", whose packets come back"),
                "give the node a more specific route to " + remote + ", or bind the tunnel to a parent"));
    }

    private static String carriers(OuterPath path) {
        return path.carriers().isEmpty()
                ? ""
                : ", carried by " + path.carriers().stream().map(Carrier::name).collect(Collectors.joining(", then "));
    }
}
