package dev.iptunnel.diagnosis;

import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.TunnelParameters;
import java.util.Optional;

/** What the counters say. A symptom: nothing is explained by it, and everything before it may explain it. */
final class TrafficCheck {
    private static final int FEW = 3;

    private final TunnelParameters tunnel;
    private final TunnelFacts facts;
    private final Traffic traffic;
    private final TrafficSample growth;

    private TrafficCheck(TunnelFacts facts, TunnelParameters tunnel, Traffic traffic) {
        this.facts = facts;
        this.tunnel = tunnel;
        this.traffic = traffic;
        this.growth = traffic.growth();
    }

    static Finding of(TunnelFacts facts, Optional<Traffic> traffic) {
        return facts.parameters()
                .filter(_ -> facts.link().isPresent())
                .flatMap(tunnel -> traffic.map(known -> new TrafficCheck(facts, tunnel, known).finding()))
                .orElseGet(() -> Finding.skipped(
                        Check.TRAFFIC,
                        facts.link().isEmpty() ? "there is no tunnel" : "the counters were not watched"));
    }

    private Finding finding() {
        return notSent().or(this::notReceived).or(this::errors).orElseGet(this::quiet);
    }

    private String in() {
        return " within " + traffic.time();
    }

    private Optional<Finding> notSent() {
        if (growth.collisions() > 0) {
            return fail(
                    growth.collisions() + " packets" + in() + " came back into the tunnel itself, or are too long",
                    "look at the route to the remote");
        }
        if (growth.noRoute() > 0) {
            return fail(
                    growth.noRoute() + " packets" + in() + " had no way to the remote (carrier errors)",
                    "ip route get " + remote() + "; if that is right, the next hop does not answer ARP or NDP");
        }
        if (refused() > growth.transmitted()) {
            return fail(
                    "this node drops the tunnel's own packets: " + refused() + in() + ", while " + growth.transmitted()
                            + " left; a firewall of this node drops protocol " + TunnelProtocols.of(tunnel)
                            + " on its way out, or a queue is full",
                    "nft list ruleset or iptables-save, chain OUTPUT: accept protocol " + TunnelProtocols.of(tunnel)
                            + " to " + remote());
        }
        return Optional.empty();
    }

    /**
     * The packets that did not leave. ip6_tunnel counts each as an error and as dropped. A tunnel that carries IPv4 only
     * refuses the node's own packets of IPv6, such as router solicitations, which is no fault.
     */
    private long refused() {
        long counted = Math.max(growth.transmitDropped(), growth.transmitErrors());
        return facts.carries(IpFamily.IPV6) ? counted : Math.max(0, counted - growth.ipv6Sent());
    }

    private Optional<Finding> notReceived() {
        if (growth.transmitted() == 0 || growth.received() > 0) {
            return Optional.empty();
        }
        String seen = growth.transmitted() + " packets out and none in" + in() + neverReceived();
        if (growth.unreachables() > 0) {
            return fail(
                    seen + ", and " + growth.unreachables()
                            + " ICMP messages that a destination is unreachable: the peer has no tunnel for this one, or does"
                            + " not load its driver",
                    "on " + remote() + ": a tunnel with local " + remote() + " and remote "
                            + IpFamily.formatEndpoint(tunnel.local()) + ", up");
        }
        return growth.undelivered() >= Math.max(FEW, growth.transmitted() / 2) ? filteredHere(seen) : silent(seen);
    }

    private Optional<Finding> filteredHere(String seen) {
        return fail(
                seen + ", while this node received " + growth.undelivered()
                        + " packets that it neither delivered nor forwarded: a firewall of this node seems to drop"
                        + " protocol " + TunnelProtocols.of(tunnel) + " on its way in",
                "nft list ruleset or iptables-save, chains PREROUTING and INPUT: accept protocol "
                        + TunnelProtocols.of(tunnel) + " from " + remote());
    }

    private Optional<Finding> silent(String seen) {
        return fail(
                seen + parent() + ": the peer does not answer, or protocol " + TunnelProtocols.of(tunnel)
                        + " is filtered on the way or at one of the ends",
                "capture on both ends: tcpdump -ni "
                        + NodeChecks.outgoing(facts).orElse("any") + " '" + TunnelProtocols.capture(tunnel)
                        + "'; then firewalls and security groups");
    }

    private String neverReceived() {
        return traffic.end().received() == 0 ? " (nor ever)" : "";
    }

    private String parent() {
        return NodeChecks.outgoing(facts)
                .map(device -> ", while " + device + " received " + growth.parentReceived())
                .orElse("");
    }

    private Optional<Finding> errors() {
        if (growth.receiveErrors() > 0 || growth.receiveDropped() > 0) {
            return Optional.of(Finding.warn(
                    Check.TRAFFIC,
                    growth.receiveErrors() + " of the received packets had errors and " + growth.receiveDropped()
                            + " were dropped" + in(),
                    "ip -s -s link show dev " + facts.name() + " tells the kinds"));
        }
        return Optional.empty();
    }

    private Finding quiet() {
        return Finding.ok(
                Check.TRAFFIC,
                growth.transmitted() == 0 && growth.received() == 0
                        ? "no traffic was seen" + in() + ", so it says nothing about the peer"
                        : growth.transmitted() + " packets out and " + growth.received() + " in" + in());
    }

    private String remote() {
        return IpFamily.formatEndpoint(tunnel.remote());
    }

    private static Optional<Finding> fail(String seen, String advice) {
        return Optional.of(Finding.fail(Check.TRAFFIC, seen, advice));
    }
}
