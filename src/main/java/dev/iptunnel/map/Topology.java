package dev.iptunnel.map;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Which places are connected by which lines. The same tunnels in another order give the same topology.
 *
 * @param places the nodes that have a tunnel or are the far end of one, then the endpoints outside
 */
public record Topology(List<LineEnd> places, List<Line> lines) {
    private static final Comparator<MappedTunnel> ORDER = Comparator.comparing(
                    MappedTunnel::node, NaturalOrder.BY_NUMBERS)
            .thenComparing(MappedTunnel::name, NaturalOrder.BY_NUMBERS);

    /**
     * Matches each tunnel's far end to the tunnel that mirrors it, else to the one node that has the remote address,
     * else to an endpoint outside.
     *
     * @param nodeAddresses the addresses of nodes as far as they are known; the tunnels' local addresses are known anyway
     */
    public static Topology of(
            Collection<MappedTunnel> tunnels, Map<String, ? extends Collection<String>> nodeAddresses) {
        List<MappedTunnel> sorted = tunnels.stream().sorted(ORDER).toList();
        Map<String, Set<String>> owners = owners(sorted, nodeAddresses);
        Map<String, List<MappedTunnel>> byLocal = new HashMap<>();
        sorted.forEach(tunnel ->
                byLocal.computeIfAbsent(tunnel.local(), _ -> new ArrayList<>()).add(tunnel));
        Set<MappedTunnel> drawn = new HashSet<>();
        List<Line> lines = new ArrayList<>();
        for (MappedTunnel tunnel : sorted) {
            if (drawn.add(tunnel)) {
                Optional<MappedTunnel> back = byLocal.getOrDefault(tunnel.remote(), List.of()).stream()
                        .filter(other -> !drawn.contains(other) && other.mirrors(tunnel))
                        .findFirst();
                back.ifPresent(drawn::add);
                LineEnd far =
                        back.map(other -> new LineEnd(other.node(), true)).orElseGet(() -> farEnd(tunnel, owners));
                lines.add(new Line(new LineEnd(tunnel.node(), true), far, tunnel, back));
            }
        }
        TreeSet<LineEnd> places = new TreeSet<>();
        lines.forEach(line -> places.addAll(List.of(line.near(), line.far())));
        return new Topology(List.copyOf(places), List.copyOf(lines));
    }

    private static Map<String, Set<String>> owners(
            List<MappedTunnel> tunnels, Map<String, ? extends Collection<String>> nodeAddresses) {
        Map<String, Set<String>> owners = new HashMap<>();
        tunnels.forEach(tunnel ->
                owners.computeIfAbsent(tunnel.local(), _ -> new HashSet<>()).add(tunnel.node()));
        nodeAddresses.forEach((node, addresses) -> addresses.forEach(
                address -> owners.computeIfAbsent(MappedTunnel.canonical(address), _ -> new HashSet<>())
                        .add(node)));
        return owners;
    }

    /** An address that several nodes have names none of them. */
    private static LineEnd farEnd(MappedTunnel tunnel, Map<String, Set<String>> owners) {
        Set<String> nodes = owners.getOrDefault(tunnel.remote(), Set.of());
        boolean known = nodes.size() == 1 && !nodes.contains(tunnel.node()) && MappedTunnel.isAddress(tunnel.remote());
        return known ? new LineEnd(nodes.iterator().next(), true) : new LineEnd(tunnel.remote(), false);
    }

    /** How many tunnels are in that state. */
    long count(EndState state) {
        return tunnels().stream().filter(tunnel -> tunnel.state() == state).count();
    }

    /** All tunnels, by node and name. */
    List<MappedTunnel> tunnels() {
        return lines.stream()
                .flatMap(line -> line.ends().stream())
                .sorted(ORDER)
                .toList();
    }

    /** The first line of a picture. */
    String title() {
        long nodes = places.stream().filter(LineEnd::node).count();
        return lines.isEmpty()
                ? "no IpTunnels"
                : number(tunnels().size(), "IpTunnel") + " on " + number(nodes, "node") + ", drawn as "
                        + number(lines.size(), "line");
    }

    private static String number(long count, String what) {
        return count + " " + what + (count == 1 ? "" : "s");
    }
}
