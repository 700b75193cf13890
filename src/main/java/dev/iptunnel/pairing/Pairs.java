package dev.iptunnel.pairing;

import static java.util.stream.Collectors.toMap;

import dev.iptunnel.tunnel.IpFamily;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Finds for each tunnel the one whose outer addresses are its own exchanged. Its cost grows with the number of tunnels, not
 * with that of pairs.
 */
public final class Pairs {
    private static final Comparator<TunnelEnd> READY_FIRST =
            Comparator.comparing((TunnelEnd end) -> end.notReady().isPresent()).thenComparing(TunnelEnd::tunnel);

    /** Outer addresses of a tunnel; an empty remote: any. */
    private record Outer(InetAddress local, Optional<InetAddress> remote) {}

    private final Map<String, ClusterNode> nodes;
    private final Map<InetAddress, String> ownAddresses = new HashMap<>();
    private final Map<InetAddress, String> externalAddresses = new HashMap<>();
    private final Map<Outer, List<TunnelEnd>> byOuter = new HashMap<>();

    /** @param ends of all tunnels whose outer addresses are known */
    public Pairs(Collection<TunnelEnd> ends, Collection<ClusterNode> nodes) {
        this.nodes = nodes.stream().collect(toMap(ClusterNode::name, Function.identity(), (first, _) -> first));
        nodes.forEach(node -> {
            node.own().forEach(address -> ownAddresses.putIfAbsent(address, node.name()));
            node.external().forEach(address -> externalAddresses.putIfAbsent(address, node.name()));
        });
        ends.forEach(end -> locals(end)
                .forEach(local -> byOuter.computeIfAbsent(new Outer(local, end.remote()), _ -> new ArrayList<>())
                        .add(end)));
    }

    /** The addresses to which packets for this end are sent: with the source address any, those of its node. */
    private Stream<InetAddress> locals(TunnelEnd end) {
        return end.local().isPresent()
                ? end.local().stream()
                : Optional.ofNullable(nodes.get(end.node())).stream()
                        .flatMap(node -> node.own().stream())
                        .filter(address -> IpFamily.of(address) == end.mode().outer());
    }

    /** What is known of this tunnel's other end. */
    public Pairing of(TunnelEnd here) {
        Optional<InetAddress> remote = here.remote();
        if (remote.isEmpty()) {
            return new Pairing(PairReason.PEER_ANY, "remote is any: packets of every peer are taken");
        }
        List<TunnelEnd> facing = facing(here, remote.get());
        Optional<TunnelEnd> peer =
                facing.stream().filter(end -> end.mode() == here.mode()).min(READY_FIRST);
        if (peer.isPresent()) {
            return compared(here, peer.get());
        }
        return facing.stream()
                .min(READY_FIRST)
                .map(end -> new Pairing(
                        PairReason.PEER_ASYMMETRIC,
                        "mode: %s here, %s of %s: the other end drops what this one sends"
                                .formatted(here.mode(), end.mode(), end.title())))
                .orElseGet(() -> alone(here, remote.get()));
    }

    /** The tunnels that send to where this one receives, and receive where it sends to. */
    private List<TunnelEnd> facing(TunnelEnd here, InetAddress remote) {
        List<TunnelEnd> exact = locals(here)
                .flatMap(local -> at(remote, Optional.of(local)))
                .filter(end -> !end.uid().equals(here.uid()))
                .distinct()
                .toList();
        boolean sameMode = exact.stream().anyMatch(end -> end.mode() == here.mode());
        return sameMode
                ? exact
                : Stream.concat(exact.stream(), at(remote, Optional.empty()).filter(end -> end.mode() == here.mode()))
                        .toList();
    }

    private Stream<TunnelEnd> at(InetAddress local, Optional<InetAddress> remote) {
        return byOuter.getOrDefault(new Outer(local, remote), List.of()).stream();
    }

    private static Pairing compared(TunnelEnd here, TunnelEnd peer) {
        String differences = String.join("; ", EndDifferences.between(here, peer));
        if (peer.notReady().isPresent()) {
            String besides = differences.isEmpty() ? "" : ". It also differs: " + differences;
            return new Pairing(
                    PairReason.PEER_NOT_READY,
                    peer.title() + " is not ready: " + peer.notReady().get() + besides);
        }
        return differences.isEmpty()
                ? new Pairing(PairReason.PEER_READY, peer.title() + " is the other end")
                : new Pairing(
                        PairReason.PEER_ASYMMETRIC, peer.title() + " is the other end, and differs: " + differences);
    }

    private Pairing alone(TunnelEnd here, InetAddress remote) {
        String address = IpFamily.format(remote);
        String own = ownAddresses.get(remote);
        if (own != null && here.local().isEmpty()) {
            return new Pairing(
                    PairReason.PEER_ANY,
                    "local is any, and no tunnel of node %s leads to an address that Node %s lists"
                            .formatted(own, here.node()));
        }
        if (own != null) {
            return new Pairing(
                    PairReason.PEER_MISSING,
                    "%s is an address of node %s, which has no tunnel from there to %s: create an IpTunnel for it, of mode %s"
                            .formatted(
                                    address,
                                    own,
                                    here.local().map(IpFamily::format).orElseThrow(),
                                    here.mode()));
        }
        String external = externalAddresses.get(remote);
        return new Pairing(
                PairReason.PEER_OUTSIDE_CLUSTER,
                external == null
                        ? "no Node of this cluster has the address " + address
                        : "%s is the external address of node %s: addresses may be translated on the way, so the other end cannot be told"
                                .formatted(address, external));
    }
}
