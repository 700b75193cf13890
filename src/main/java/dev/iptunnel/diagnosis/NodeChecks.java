package dev.iptunnel.diagnosis;

import dev.iptunnel.observation.FallbackUse;
import dev.iptunnel.observation.Observation.Device;
import dev.iptunnel.observation.ObservedLink;
import dev.iptunnel.plan.Reason;
import dev.iptunnel.planner.EndpointOwnership;
import dev.iptunnel.tunnel.FallbackPolicy;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.TunnelParameters;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Settings and programs of the node that act on the tunnel's packets. */
final class NodeChecks {
    private static final int STRICT = 1;
    private static final int LOOSE = 2;
    private static final int FEW = 3;

    private final TunnelFacts facts;
    private final Optional<TrafficSample> growth;

    private NodeChecks(TunnelFacts facts, Optional<Traffic> traffic) {
        this.facts = facts;
        this.growth = traffic.map(Traffic::growth);
    }

    static List<Finding> of(TunnelFacts facts, Optional<Traffic> traffic) {
        NodeChecks checks = new NodeChecks(facts, traffic);
        return Stream.concat(
                        facts.link()
                                .flatMap(link -> link.tunnel()
                                        .map(tunnel -> Stream.of(
                                                checks.reversePath(link),
                                                checks.forwarding(link),
                                                checks.fallback(tunnel),
                                                checks.programs(link))))
                                .orElseGet(() -> Stream.of(
                                                Check.REVERSE_PATH,
                                                Check.FORWARDING,
                                                Check.FALLBACK_DEVICE,
                                                Check.OTHER_PROGRAMS)
                                        .map(check -> Finding.skipped(check, "there is no tunnel"))),
                        Stream.of(checks.firewall()))
                .toList();
    }

    private Finding reversePath(ObservedLink link) {
        Optional<Finding> refused = new PlannedChanges(facts)
                .refusal(Reason.REVERSE_PATH_FILTER_OVERRIDDEN)
                .map(refusal -> Finding.refused(Check.REVERSE_PATH, refusal));
        if (refused.isPresent()) {
            return refused.get();
        }
        int inner = facts.carries(IpFamily.IPV4) ? effective(link) : 0;
        Optional<ObservedLink> parent =
                facts.isOver(IpFamily.IPV4) ? facts.parent().flatMap(ParentFacts::link) : Optional.empty();
        int outer = parent.map(NodeChecks::effective).orElse(0);
        String settings = Stream.of(
                        facts.carries(IpFamily.IPV4) ? link.name() + " " + inner : "",
                        parent.map(any -> any.name() + " " + outer).orElse(""))
                .filter(text -> !text.isEmpty())
                .collect(Collectors.joining(", "));
        if (settings.isEmpty()) {
            return Finding.ok(Check.REVERSE_PATH, "IPv6 has no rp_filter");
        }
        String seen = "effective rp_filter (the larger of all and the interface): " + settings;
        return dropped(seen, inner, outer, link)
                .or(() -> elsewhere(parent, outer, seen))
                .orElseGet(() -> Finding.ok(Check.REVERSE_PATH, seen));
    }

    /** The counter is of the whole node, so it counts only if it fits what the tunnel received or missed. */
    private Optional<Finding> dropped(String seen, int inner, int outer, ObservedLink link) {
        long dropped = growth.map(TrafficSample::reversePathDrops).orElse(0L);
        String whose;
        if (inner != 0 && received() > 0 && isMany(dropped, received())) {
            whose = link.name();
        } else if (outer != 0 && received() == 0 && isMany(dropped, transmitted())) {
            whose = NodeChecks.outgoing(facts).orElse(link.name());
        } else {
            return Optional.empty();
        }
        return Optional.of(Finding.fail(
                Check.REVERSE_PATH,
                "the reverse path filter drops packets, " + dropped + " on this node meanwhile; " + seen,
                "route their sources by the same interface, or sysctl -w net.ipv4.conf." + whose + ".rp_filter=" + LOOSE
                        + " (loose), which also overrides 1 of all"));
    }

    private long received() {
        return growth.map(TrafficSample::received).orElse(0L);
    }

    private long transmitted() {
        return growth.map(TrafficSample::transmitted).orElse(0L);
    }

    private static boolean isMany(long count, long packets) {
        return packets > 0 && count >= Math.max(FEW, packets / 2);
    }

    /** The remote's packets arrive on the parent, while the node would send to the remote by another interface. */
    private Optional<Finding> elsewhere(Optional<ObservedLink> parent, int outer, String seen) {
        return parent.filter(_ -> outer == STRICT).flatMap(link -> facts.way()
                .unboundDevice()
                .filter(device -> !device.equals(link.name()))
                .map(device -> Finding.warn(
                        Check.REVERSE_PATH,
                        "the node routes the remote by " + device + ", so strict filtering drops its packets on "
                                + link.name() + "; " + seen,
                        "sysctl -w net.ipv4.conf." + link.name() + ".rp_filter=" + LOOSE)));
    }

    private static int effective(ObservedLink link) {
        return Math.max(
                link.reversePathFilter().orElse(0),
                link.settings().reversePathFilterOfAll().orElse(0));
    }

    private Finding forwarding(ObservedLink link) {
        if (facts.node().forwards().isEmpty()) {
            return Finding.skipped(Check.FORWARDING, "the setting cannot be read");
        }
        if (facts.node().forwards().get()) {
            return Finding.ok(Check.FORWARDING, "packets out of the tunnel are forwarded");
        }
        long refused = growth.map(TrafficSample::notForwarded).orElse(0L);
        String setting = facts.carries(IpFamily.IPV4)
                ? "net.ipv4.conf." + link.name() + ".forwarding"
                : "net.ipv6.conf.all.forwarding";
        return isMany(refused, received())
                ? Finding.fail(
                        Check.FORWARDING,
                        "the node drops packets that are not for it, " + refused + " meanwhile: " + setting + " is 0",
                        "sysctl -w " + setting + "=1, if the node is to pass packets on")
                : Finding.ok(Check.FORWARDING, "off: the tunnel serves the node's own addresses only");
    }

    private Finding fallback(TunnelParameters tunnel) {
        DriverFacts driver = facts.driver().orElseThrow();
        List<FallbackUse> uses = driver.uses();
        boolean intended = facts.desired()
                .filter(desired -> desired.fallbackPolicy() == FallbackPolicy.TAKE_OVER)
                .isPresent();
        if (uses.isEmpty()) {
            return Finding.ok(
                    Check.FALLBACK_DEVICE,
                    driver.fallbackDevice()
                            .map(device -> device + " is up, and not used for this remote")
                            .orElse("no device for all remotes is up"));
        }
        String seen = EndpointOwnership.words(uses) + "; packets for that device arrive on this tunnel";
        return intended
                ? Finding.ok(Check.FALLBACK_DEVICE, seen + ", as spec.fallbackPolicy: TakeOver allows")
                : Finding.fail(
                        Check.FALLBACK_DEVICE,
                        Reason.FALLBACK_IN_USE,
                        seen,
                        "end that use (often a CNI, such as Calico with IPIP), or give "
                                + IpFamily.formatEndpoint(tunnel.remote()) + " another tunnel");
    }

    private Finding programs(ObservedLink link) {
        List<String> seen = Stream.concat(
                        facts.node().configurators()
                                ? Stream.of("a program that configures the whole network seems to run (NetworkManager,"
                                        + " systemd-networkd)")
                                : Stream.empty(),
                        facts.node().programs().stream())
                .toList();
        List<String> onTunnel = link.mark().isEmpty() ? List.of() : foreign(link);
        if (!onTunnel.isEmpty()) {
            return Finding.warn(
                    Check.OTHER_PROGRAMS,
                    "others put on the tunnel: " + String.join(", ", onTunnel)
                            + seen.stream().map(text -> "; " + text).collect(Collectors.joining()),
                    "tell that program to leave " + link.name() + " alone");
        }
        return Finding.ok(Check.OTHER_PROGRAMS, seen.isEmpty() ? "no sign of another one" : String.join("; ", seen));
    }

    private static List<String> foreign(ObservedLink link) {
        return Stream.concat(
                        link.addresses().stream()
                                .filter(address -> !address.ours() && !address.isKernels())
                                .map(address -> "address " + address.prefix()),
                        link.routes().stream()
                                .filter(route -> !route.ours() && !route.isKernels())
                                .map(route ->
                                        "route " + route.route().destination() + " of protocol " + route.protocol()))
                .limit(FEW)
                .toList();
    }

    private Finding firewall() {
        if (facts.node().packetFilters().isEmpty()) {
            return Finding.ok(Check.FIREWALL, "the kernel has loaded no packet filter");
        }
        String protocol = facts.parameters().map(TunnelProtocols::of).orElse("4 and 41");
        return Finding.skipped(
                Check.FIREWALL,
                "the rules of " + String.join(", ", facts.node().packetFilters()) + " are not read: look for protocol "
                        + protocol + " in nft list ruleset, or iptables-save");
    }

    /** The interface by which the outer packets leave. */
    static Optional<String> outgoing(TunnelFacts facts) {
        return facts.way().path().device().map(Device::name);
    }
}
