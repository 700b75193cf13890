package dev.iptunnel.map;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Networks of tunnels for tests of the pictures. */
final class Networks {
    private Networks() {}

    static MappedTunnel ready(String name, String node, String local, String remote) {
        return new MappedTunnel(name, node, "ipip", local, remote, EndState.READY, "TunnelUp");
    }

    static MappedTunnel failed(MappedTunnel tunnel, String reason) {
        return with(tunnel, EndState.NOT_READY, reason);
    }

    static MappedTunnel with(MappedTunnel tunnel, EndState state, String reason) {
        return new MappedTunnel(
                tunnel.name(), tunnel.node(), tunnel.mode(), tunnel.local(), tunnel.remote(), state, reason);
    }

    static Topology topology(List<MappedTunnel> tunnels) {
        return Topology.of(tunnels, Map.of());
    }

    /** Three nodes and two endpoints outside, with every state, and two tunnels between the same nodes. */
    static List<MappedTunnel> threeNodes() {
        MappedTunnel second = ready("paris-rome-b", "paris", "fd77:0::2", "fd77::3");
        return List.of(
                ready("berlin-paris", "berlin", "10.77.0.1", "10.77.0.2"),
                failed(ready("paris-berlin", "paris", "10.77.0.2", "10.77.0.1"), "ParentDown"),
                ready("paris-rome-a", "paris", "10.77.0.2", "10.77.0.3"),
                ready("rome-paris-a", "rome", "10.77.0.3", "10.77.0.2"),
                second,
                with(ready("rome-paris-b", "rome", "fd77::3", "fd77::2"), EndState.UNKNOWN, ""),
                ready("rome-berlin", "rome", "10.77.0.3", "10.77.0.1"),
                ready("broker", "berlin", "10.77.0.1", "203.0.113.9"),
                with(ready("spare", "rome", "10.77.0.3", "198.51.100.7"), EndState.SET_DOWN, "AdministrativelyDown"));
    }

    static List<MappedTunnel> mesh(int nodes) {
        List<MappedTunnel> tunnels = new ArrayList<>();
        for (int from = 1; from <= nodes; from++) {
            for (int to = 1; to <= nodes; to++) {
                if (from != to) {
                    tunnels.add(between(from, to));
                }
            }
        }
        return tunnels;
    }

    /** A mesh where both ends of one line and one end of another are not ready. */
    static List<MappedTunnel> troubledMesh(int nodes) {
        return mesh(nodes).stream()
                .map(tunnel ->
                        List.of("node7-node31", "node31-node7", "node12-node44").contains(tunnel.name())
                                ? failed(tunnel, "ParentDown")
                                : tunnel)
                .toList();
    }

    /** All nodes are connected with node1; the tunnel back from node20 is missing, that from node9 is not ready. */
    static List<MappedTunnel> hubAndSpoke(int nodes) {
        return mesh(nodes).stream()
                .filter(tunnel ->
                        tunnel.name().startsWith("node1-") || tunnel.name().endsWith("-node1"))
                .filter(tunnel -> !tunnel.name().equals("node20-node1"))
                .map(tunnel -> tunnel.name().equals("node9-node1") ? failed(tunnel, "LocalAddressNotFound") : tunnel)
                .toList();
    }

    private static MappedTunnel between(int from, int to) {
        return ready("node" + from + "-node" + to, "node" + from, "10.0.0." + from, "10.0.0." + to);
    }
}
