package dev.iptunnel.kernel;

import dev.iptunnel.tunnel.IpFamily;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** What iproute2 makes of an object's spec, in a network namespace that has the same parents. */
final class TypedOracle implements AutoCloseable {
    private static final String NAMESPACE = "oracle";
    static final String DEVICE = "DEVICE";
    private static final int IPV6_HEADER = 40;
    private static final int ENCAPSULATION_LIMIT_OPTION = 8;
    private static final int ETHERNET = 1500;

    private final IpBatch ip;
    private final IpBatch ip6;
    private final Map<List<String>, DeviceState> known = new HashMap<>();
    private int typed;

    TypedOracle() {
        Iproute2.run("ip netns add " + NAMESPACE);
        ip = new IpBatch("-netns", NAMESPACE);
        ip6 = new IpBatch("-netns", NAMESPACE, "-6");
        TunnelNode.parents().forEach(ip::run);
    }

    /**
     * @param without routes that the kernel has no room for
     * @param with commands that others typed for the device
     */
    DeviceState of(HistoryObject object, NodeSnapshot node, Collection<String> without, Collection<String> with) {
        List<String> parents = Stream.of("under0", "under1")
                .map(parent -> "ip link set dev " + parent + " mtu " + mtu(node, parent))
                .toList();
        List<String> tunnel = tunnel(object, node).stream()
                .filter(command ->
                        without.stream().noneMatch(route -> command.equals("ip route add " + route + " dev " + DEVICE)))
                .toList();
        List<String> commands =
                Stream.of(parents, tunnel, with).flatMap(Collection::stream).toList();
        return known.computeIfAbsent(commands, this::type);
    }

    /** The commands of iproute2 that make what an object asks for. */
    static List<String> tunnel(HistoryObject object, NodeSnapshot node) {
        return withMtu(object, node).commands(DEVICE).stream()
                .filter(command -> !command.startsWith("sysctl "))
                .toList();
    }

    private static int mtu(NodeSnapshot node, String parent) {
        return node.named(parent).map(NodeSnapshot.Device::mtu).orElse(ETHERNET);
    }

    /** Where an endpoint is any, ip6_tunnel derives nothing: whoever wants an MTU that fits types it. */
    private static DifferentialTunnel withMtu(HistoryObject object, NodeSnapshot node) {
        boolean open =
                object.word("local").equals("any") || object.word("remote").equals("any");
        if (object.mode().outer() == IpFamily.IPV4
                || !open
                || !object.word("mtu").equals("absent")) {
            return object.spec();
        }
        String device = !object.word("parent").equals("absent")
                ? object.word("parent")
                : object.word("remote").equals("any") ? "none" : "under0";
        int overhead =
                IPV6_HEADER + (object.word("encapsulationLimit").equals("none") ? 0 : ENCAPSULATION_LIMIT_OPTION);
        return object.with(Map.of("mtu", Integer.toString(mtu(node, device) - overhead)))
                .spec();
    }

    private DeviceState type(List<String> commands) {
        String name = "typed" + typed++;
        try {
            commands.stream().map(command -> command.replace(DEVICE, name)).forEach(this::run);
            return NodeSnapshot.take(ip).named(name).orElseThrow().state();
        } finally {
            ip.attempt("link delete dev " + name);
        }
    }

    private void run(String command) {
        if (command.startsWith("ip -6 ")) {
            ip6.run(command.substring("ip -6 ".length()));
        } else {
            ip.run(command.substring("ip ".length()));
        }
    }

    @Override
    public void close() {
        ip.close();
        ip6.close();
        Iproute2.run("ip netns delete " + NAMESPACE);
    }
}
