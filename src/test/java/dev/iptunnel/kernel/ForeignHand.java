package dev.iptunnel.kernel;

import static dev.iptunnel.kernel.TunnelNode.tunnel;

import dev.iptunnel.kernel.NodeSnapshot.Device;
import dev.iptunnel.plan.Operation;
import dev.iptunnel.tunnel.DesiredTunnel;
import dev.iptunnel.tunnel.InnerRoute;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.IpPrefix;
import dev.iptunnel.tunnel.TunnelMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Somebody else who works on the node with iproute2 while tunnels are programmed: deletes, renames, re-parents and downs them,
 * gives them addresses, and makes devices and routes that stand in their way. Remembers what is its own, and looks after each
 * of its acts whether all of it is still as it was.
 */
final class ForeignHand {
    private static final List<TunnelMode> MODES = List.of(TunnelMode.values());
    private static final int ACTS = 10;
    private static final int[] REPLACEMENTS = {4, 6};

    private final Random random;
    private final List<DesiredTunnel> tunnels;
    private final Set<Integer> parents;
    /** Devices of its own as it left them, by ifindex. */
    private final Map<Integer, Device> own = new TreeMap<>();
    /** The ifindexes of all devices that were ever its own: the kernel gives none a second time. */
    private final Set<Integer> everOwn = ConcurrentHashMap.newKeySet();
    /** The IPv4 addresses that it gave to tunnels of the agent, by ifindex. */
    private final Map<Integer, Set<String>> given = new TreeMap<>();

    private final List<Operation> operations = new ArrayList<>();
    private final List<String> violations = new ArrayList<>();
    private final List<String> acts = new ArrayList<>();
    private int interruptions;

    /** @param tunnels what the agent is asked for */
    ForeignHand(long seed, List<DesiredTunnel> tunnels) {
        this.random = new Random(seed);
        this.tunnels = tunnels;
        NodeSnapshot start = NodeSnapshot.take();
        parents = start.devices().stream().map(Device::ifindex).collect(Collectors.toSet());
        start.devices().forEach(device -> own.put(device.ifindex(), device));
        everOwn.addAll(parents);
    }

    /** What is asked for; each mode in turn, between the parent's address and an address of its own. */
    static DesiredTunnel desired(int number) {
        TunnelMode mode = MODES.get(number % MODES.size());
        boolean outer4 = mode.outer() == IpFamily.IPV4;
        boolean inner4 = mode.inner() == IpFamily.IPV4;
        String hex = Integer.toHexString(number + 16);
        return tunnel("tun" + number, mode)
                .remote(outer4 ? "192.0.2." + (10 + number) : "2001:db8::" + hex)
                .addresses(inner4 ? "10.9." + number + ".1/30" : "fd09:" + hex + "::1/64")
                .routes(new InnerRoute(
                        IpPrefix.parse(mode.inner(), inner4 ? "10.230." + number + ".0/24" : "fd30:" + hex + "::/64"),
                        Optional.empty(),
                        InnerRoute.MAIN_TABLE,
                        inner4 ? 0 : 1))
                .build();
    }

    /** Does something to any tunnel, or beside it. */
    synchronized void act() {
        type(commands(tunnels.get(random.nextInt(tunnels.size())), random.nextInt(ACTS)));
    }

    /** Does something to a tunnel that is being programmed; often puts another device in its place. */
    synchronized void interrupt(DesiredTunnel tunnel) {
        interruptions++;
        type(commands(
                tunnel,
                random.nextBoolean() ? REPLACEMENTS[random.nextInt(REPLACEMENTS.length)] : random.nextInt(ACTS)));
    }

    private void type(List<String> commands) {
        Iproute2.tries(commands);
        acts.add(String.join("; ", commands));
        NodeSnapshot now = NodeSnapshot.look();
        Set<String> words = commands.stream()
                .flatMap(command -> Stream.of(command.split(" ", -1)))
                .collect(Collectors.toSet());
        checkUntouched(now, words);
        remember(now, words);
    }

    private List<String> commands(DesiredTunnel tunnel, int act) {
        String name = tunnel.interfaceName();
        String number = name.substring("tun".length());
        List<String> commands = new ArrayList<>();
        switch (act) {
            case 0 -> commands.add("link delete dev " + name);
            case 1 -> {
                commands.add("link set dev " + name + " down");
                commands.add("link set dev " + name + " name away" + number);
            }
            case 2 -> commands.add(reparent(tunnel));
            case 3 -> commands.add("address add " + address(number) + " dev " + name);
            case 4 -> {
                commands.add("link delete dev " + name);
                commands.add("link add " + name + " type dummy");
                commands.add("address add " + address(number) + " dev " + name);
            }
            case 5 -> {
                makeRoom(commands, name);
                commands.add("link add fx" + number + " " + likeness(tunnel));
                commands.add("address add " + address(number) + " dev fx" + number);
            }
            case 6 -> {
                commands.add("link delete dev " + name);
                commands.add("link add " + name + " " + likeness(tunnel));
            }
            case 7 -> {
                makeRoom(commands, name);
                commands.add(family(tunnel.mode().inner()) + "route add "
                        + tunnel.routes().getFirst() + " dev under1 proto 12");
            }
            case 8 -> commands.add("link set dev " + name + " down mtu 1300");
            default ->
                own.values().stream()
                        .filter(device -> !parents.contains(device.ifindex()))
                        .skip(random.nextInt(1 + own.size() - parents.size()))
                        .findFirst()
                        .ifPresent(device -> commands.add("link delete dev " + device.name()));
        }
        return commands;
    }

    /** Often, so that what follows succeeds. */
    private void makeRoom(List<String> commands, String name) {
        if (random.nextInt(3) > 0) {
            commands.add("link delete dev " + name);
        }
    }

    private String address(String number) {
        return "10.200." + number + "." + (1 + random.nextInt(200)) + "/32";
    }

    private static String family(IpFamily family) {
        return family == IpFamily.IPV6 ? "-6 " : "";
    }

    private static String ends(DesiredTunnel tunnel) {
        boolean outer4 = tunnel.mode().outer() == IpFamily.IPV4;
        return " local " + (outer4 ? "192.0.2.1" : "2001:db8::1") + " remote " + IpFamily.format(tunnel.remote());
    }

    private static String reparent(DesiredTunnel tunnel) {
        return family(tunnel.mode().outer()) + "tunnel change " + tunnel.interfaceName() + " mode " + tunnel.mode()
                + ends(tunnel) + " dev under1";
    }

    /** What makes a tunnel that differs from the agent's by its mark only. */
    private static String likeness(DesiredTunnel tunnel) {
        boolean outer4 = tunnel.mode().outer() == IpFamily.IPV4;
        return "type " + tunnel.mode().driver().kind() + (outer4 ? "" : " mode " + tunnel.mode()) + ends(tunnel)
                + " dev under0 " + (outer4 ? "ttl 64" : "hoplimit 64 encaplimit none");
    }

    /** Device names are words of the commands that change the device. */
    private void checkUntouched(NodeSnapshot now, Set<String> meant) {
        for (Device before : own.values()) {
            if (!meant.contains(before.name())) {
                Optional<Device> after = now.devices().stream()
                        .filter(device -> device.ifindex() == before.ifindex())
                        .findFirst();
                if (after.filter(device -> isAsBefore(before, device)).isEmpty()) {
                    violations.add("after act " + acts.size() + ":\n" + before + "\nis now\n" + after);
                }
            }
        }
        given.forEach((ifindex, addresses) -> now.devices().stream()
                .filter(device -> device.ifindex() == ifindex)
                .filter(device -> !device.foreignAddresses().containsAll(addresses))
                .forEach(device ->
                        violations.add("after act " + acts.size() + ": of " + addresses + " has\n" + device)));
    }

    private static boolean isAsBefore(Device before, Device after) {
        return before.name().equals(after.name())
                && before.alias().equals(after.alias())
                && before.tunnel().equals(after.tunnel())
                && before.mtu() == after.mtu()
                && before.isUp() == after.isUp()
                && before.foreignAddresses().equals(after.foreignAddresses())
                && before.foreignRoutes().equals(after.foreignRoutes());
    }

    private void remember(NodeSnapshot now, Set<String> meant) {
        own.values().removeIf(device -> meant.contains(device.name()));
        for (Device device : now.devices()) {
            boolean isOwn =
                    parents.contains(device.ifindex()) || (device.alias().isEmpty() && !device.isHalfBorn());
            if (isOwn) {
                own.putIfAbsent(device.ifindex(), device);
                everOwn.add(device.ifindex());
            } else if (!device.foreignAddresses().isEmpty()) {
                given.put(device.ifindex(), device.foreignAddresses());
            }
        }
    }

    /** Told of each operation of the agent. */
    synchronized void executed(Operation operation) {
        operations.add(operation);
    }

    /** Fails if something of its own was touched, at any time. */
    synchronized void check(NodeSnapshot end) {
        checkUntouched(end, Set.of());
        operations.stream()
                .filter(operation -> ifindex(operation).stream().anyMatch(everOwn::contains))
                .forEach(operation -> violations.add("on a device of others: " + operation));
        end.devices().stream()
                .filter(device ->
                        own.containsKey(device.ifindex()) && device.kind().equals("dummy"))
                .filter(device -> Expert.setting("ipv6/conf/" + device.name() + "/accept_ra") != 1)
                .forEach(device -> violations.add("accept_ra of " + device.name()));
        if (!violations.isEmpty()) {
            throw new AssertionError(String.join("\n", violations) + "\nthe acts:\n" + this);
        }
    }

    /** Of an existing interface that the operation changes. */
    private static OptionalInt ifindex(Operation operation) {
        return switch (operation) {
            case Operation.AddTunnel _ -> OptionalInt.empty();
            case Operation.ChangeTunnel change -> OptionalInt.of(change.index());
            case Operation.DeleteTunnel delete -> OptionalInt.of(delete.index());
            case Operation.SetLink set -> set.index();
            case Operation.SetMaster set -> set.index();
            case Operation.RenameLink rename -> OptionalInt.of(rename.index());
            case Operation.DeleteAlternativeName delete -> OptionalInt.of(delete.index());
            case Operation.SetInetConf set -> set.index();
            case Operation.ClearInet6Conf clear -> clear.index();
            case Operation.AddAddress add -> add.index();
            case Operation.DeleteAddress delete -> OptionalInt.of(delete.index());
            case Operation.AddRoute add -> add.index();
            case Operation.AddConnectedRoute add -> OptionalInt.of(add.index());
            case Operation.DeleteRoute delete -> OptionalInt.of(delete.index());
        };
    }

    /** Its own devices, parents among them. */
    synchronized List<Device> devices(NodeSnapshot end) {
        return end.devices().stream()
                .filter(device -> own.containsKey(device.ifindex()))
                .toList();
    }

    synchronized int interruptions() {
        return interruptions;
    }

    /** True once in so many. */
    synchronized boolean onceIn(int many) {
        return random.nextInt(many) == 0;
    }

    @Override
    public String toString() {
        return acts.stream().filter(Objects::nonNull).collect(Collectors.joining("\n"));
    }
}
