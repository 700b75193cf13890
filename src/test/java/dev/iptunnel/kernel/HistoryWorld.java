package dev.iptunnel.kernel;

import dev.iptunnel.kernel.HistoryEvent.ChangeField;
import dev.iptunnel.kernel.HistoryEvent.Die;
import dev.iptunnel.kernel.HistoryEvent.Drift;
import dev.iptunnel.kernel.HistoryEvent.Fail;
import dev.iptunnel.kernel.HistoryEvent.ForeignDevice;
import dev.iptunnel.kernel.HistoryEvent.ForeignTunnel;
import dev.iptunnel.kernel.HistoryEvent.Forget;
import dev.iptunnel.kernel.HistoryEvent.MakeAnew;
import dev.iptunnel.kernel.HistoryEvent.ParentGoes;
import dev.iptunnel.kernel.HistoryEvent.ParentMtu;
import dev.iptunnel.kernel.HistoryEvent.RemoveForeign;
import dev.iptunnel.kernel.HistoryEvent.RivalRoute;
import dev.iptunnel.kernel.HistoryEvent.SwapEndpoints;
import dev.iptunnel.kernel.HistoryEvent.SwapNames;
import dev.iptunnel.kernel.HistoryEvent.Twin;
import dev.iptunnel.kernel.HistoryEvent.Want;
import dev.iptunnel.kernel.NodeSnapshot.Device;
import dev.iptunnel.tunnel.IpFamily;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;

/** The objects of a history, and the hands of others on the node: each does what the kernel lets it. */
final class HistoryWorld {
    private final Map<Integer, HistoryObject> objects = new TreeMap<>();
    private final HistoryAgent agent;
    private int lives;

    HistoryWorld(HistoryAgent agent) {
        this.agent = agent;
    }

    Collection<HistoryObject> objects() {
        return objects.values();
    }

    void happen(HistoryEvent event) {
        switch (event) {
            case Want(HistoryObject object) -> want(object);
            case ChangeField(int pick, int column, int value) ->
                picked(pick).ifPresent(object -> changeField(object, column, value));
            case Forget(int pick) -> picked(pick).ifPresent(object -> objects.remove(object.number()));
            case MakeAnew(int pick, int age) -> picked(pick).ifPresent(object -> put(object.born(++lives, age)));
            case SwapNames(int pick, int other) -> swap(pick, other, "interfaceName");
            case SwapEndpoints(int pick, int other) -> swap(pick, other, "local", "localFrom", "remote", "parent");
            case Die(int operations) -> agent.dieAfter(operations, objects());
            case Fail(int operations) -> agent.failAfter(operations);
            case ForeignDevice(String name) -> type("link add " + name + " type dummy", "link set dev " + name + " up");
            case ForeignTunnel tunnel -> makeForeign(tunnel);
            case Twin(int pick, boolean halfBorn) -> picked(pick).ifPresent(object -> makeTwin(object, halfBorn));
            case RemoveForeign(int pick) ->
                device(pick, device -> device.mark().isEmpty() && device.name().matches("[tf]\\d"))
                        .ifPresent(device -> type("link delete dev " + device.name()));
            case RivalRoute(int pick, boolean there) ->
                picked(pick)
                        .flatMap(object -> object.routes().stream().findFirst())
                        .ifPresent(route -> type("route " + (there ? "add " : "delete ") + Device.entry(route)
                                + " dev under0 proto bird"));
            case ParentGoes() -> type("link delete dev under1");
            case ParentMtu(String parent, int mtu) -> setMtu(parent, mtu);
            case Drift(int pick, List<String> commands) ->
                device(pick, device -> device.mark().isPresent()).ifPresent(device -> drift(device, commands));
        }
    }

    private static void type(String... commands) {
        Iproute2.tries(List.of(commands));
    }

    private void put(HistoryObject object) {
        objects.put(object.number(), object);
    }

    private Optional<HistoryObject> picked(int pick) {
        return objects.isEmpty()
                ? Optional.empty()
                : Optional.of(List.copyOf(objects.values()).get(pick % objects.size()));
    }

    private void want(HistoryObject object) {
        HistoryObject was = objects.get(object.number());
        put(
                was != null && was.mode() == object.mode()
                        ? object.born(was.life(), was.age())
                        : object.born(++lives, object.age()));
    }

    private void changeField(HistoryObject object, int column, int value) {
        List<Map.Entry<String, List<String>>> columns = List.copyOf(
                HistoryObject.columns(object.mode(), object.number()).entrySet());
        Map.Entry<String, List<String>> field = columns.get(column % columns.size());
        HistoryObject changed = object.with(Map.of(
                field.getKey(), field.getValue().get(value % field.getValue().size())));
        if (changed.isAllowed()) {
            put(changed);
        }
    }

    /** Endpoints only between two whose outer protocol is the same. */
    private void swap(int pick, int other, String... columns) {
        picked(pick).ifPresent(one -> picked(other)
                .filter(two ->
                        columns.length == 1 || two.mode().outer() == one.mode().outer())
                .ifPresent(two -> {
                    put(one.with(words(two, columns)));
                    put(two.with(words(one, columns)));
                }));
    }

    private static Map<String, String> words(HistoryObject object, String... columns) {
        Map<String, String> words = new LinkedHashMap<>();
        for (String column : columns) {
            words.put(column, object.word(column));
        }
        return words;
    }

    private static void makeForeign(ForeignTunnel tunnel) {
        HistoryObject ends = tunnel.endpoints();
        String parent = ends.word("parent");
        type(
                (tunnel.mode().outer() == IpFamily.IPV6 ? "-6 " : "") + "tunnel add " + tunnel.name() + " mode "
                        + tunnel.mode() + " local " + ends.word("local") + " remote " + ends.word("remote")
                        + (parent.equals("absent") ? "" : " dev " + parent),
                "link set dev " + tunnel.name() + " alias \"" + tunnel.alias() + "\""
                        + (tunnel.up() ? " up" : " down"));
    }

    private static void makeTwin(HistoryObject object, boolean halfBorn) {
        String name = object.interfaceName();
        type("link delete dev " + name);
        type(TypedOracle.tunnel(object, NodeSnapshot.look()).stream()
                .filter(command -> !command.contains(" address ") && !command.contains(" route "))
                .limit(halfBorn ? 1 : Long.MAX_VALUE)
                .map(command -> command.substring("ip ".length()).replace(TypedOracle.DEVICE, name))
                .toArray(String[]::new));
    }

    private static void setMtu(String parent, int mtu) {
        if (NodeSnapshot.look().named(parent).isEmpty()) {
            type(TunnelNode.parents()
                    .filter(command -> command.contains(" " + parent))
                    .toArray(String[]::new));
        }
        type("link set dev " + parent + " mtu " + mtu);
    }

    private static Optional<Device> device(int pick, Predicate<Device> which) {
        List<Device> devices =
                NodeSnapshot.look().devices().stream().filter(which).toList();
        return devices.isEmpty() ? Optional.empty() : Optional.of(devices.get(pick % devices.size()));
    }

    /** The ioctl of one driver is misunderstood by the other. */
    private static void drift(Device device, List<String> commands) {
        type(commands.stream()
                .filter(command -> !command.contains("tunnel change")
                        || command.startsWith("-6") == device.kind().equals("ip6tnl"))
                .map(command -> command.replace("NAME", device.name()).replace("KIND", device.kind()))
                .toArray(String[]::new));
    }
}
