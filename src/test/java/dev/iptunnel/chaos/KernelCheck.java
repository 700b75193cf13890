package dev.iptunnel.chaos;

import com.fasterxml.jackson.databind.JsonNode;
import dev.iptunnel.chaos.Expectation.Held;
import dev.iptunnel.chaos.Expectation.Refused;
import dev.iptunnel.chaos.Expectation.ShownRoute;
import dev.iptunnel.chaos.Expectation.Undetermined;
import dev.iptunnel.chaos.NodeSnapshot.ShownLink;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Compares what ip(8) prints of a node with what it should. */
final class KernelCheck {
    private static final String OUR_PROTOCOL = "173";

    private final String manager;
    private final NodeSnapshot node;
    private final Tally tally;
    private final List<String> problems = new ArrayList<>();

    private KernelCheck(String manager, NodeSnapshot node, Tally tally) {
        this.manager = manager;
        this.node = node;
        this.tally = tally;
    }

    /** What is wrong, a line each. */
    static List<String> problems(
            String manager, Map<String, Expectation> expectations, NodeSnapshot node, Tally tally) {
        KernelCheck check = new KernelCheck(manager, node, tally);
        for (Expectation expectation : expectations.values()) {
            switch (expectation) {
                case Held held -> check.held(held);
                case Refused refused -> check.refused(refused);
                case Undetermined _ -> tally.count("undetermined");
            }
        }
        check.noOthers(expectations);
        return check.problems;
    }

    private void held(Held held) {
        String name = held.interfaceName();
        Optional<ShownLink> shown = node.link(name);
        if (shown.isEmpty()) {
            problems.add(name + " is missing");
            return;
        }
        tally.count("tunnels");
        ShownLink link = shown.get();
        same(name, "kind", held.driver(), link.kind());
        same(name, "mtu", held.mtu(), link.mtu());
        same(name, "up", held.up(), link.isUp());
        if (!isMarkOf(link.alias(), held.uid())) {
            problems.add(name + " has the alias \"" + link.alias() + "\", not one with uid " + held.uid());
        }
        if (!held.locals().isEmpty() && !held.locals().contains(endpoint(link.data("local")))) {
            problems.add(name + " local " + link.data("local") + ", not " + held.locals());
        }
        held.data().forEach((field, value) -> {
            String is = field.equals("remote") ? endpoint(link.data(field)) : link.data(field);
            same(name, field, value, is);
        });
        addresses(held);
        if (held.up()) {
            connectedRoutes(held);
        }
        routes(held);
    }

    private void same(String name, String what, Object expected, Object is) {
        tally.count("parameters");
        if (!Objects.equals(expected, is)) {
            problems.add(name + " " + what + " " + is + ", not " + expected);
        }
    }

    private boolean isMarkOf(String alias, String uid) {
        return alias.startsWith("iptunnel.dev/v1 manager=" + manager + " ")
                && List.of(alias.split(" ", -1)).contains("uid=" + uid);
    }

    /** ip(8) prints no address of the IPv6 driver as zeroes. */
    private static String endpoint(String shown) {
        return shown.equals("::") || shown.equals("0.0.0.0") ? "any" : shown;
    }

    private void addresses(Held held) {
        Set<String> shown = node.addressesOf(held.interfaceName()).stream()
                .map(address -> address.path("local").asText() + "/"
                        + address.path("prefixlen").asInt())
                .collect(Collectors.toCollection(TreeSet::new));
        tally.count("addresses", held.addresses().size());
        held.addresses().stream()
                .filter(address -> !shown.contains(address))
                .forEach(address -> problems.add(held.interfaceName() + " lacks address " + address));
        shown.stream()
                .filter(address -> !held.addresses().contains(address) && !isOfOthers(address))
                .forEach(address -> problems.add(held.interfaceName() + " has address " + address));
    }

    /** The kernel's own ones (link-local; sit's {@code ::a.b.c.d/96}), and those that {@link FaultInjector} adds. */
    private static boolean isOfOthers(String address) {
        return address.startsWith("fe80:")
                || (address.startsWith("::") && address.endsWith("/96"))
                || address.startsWith(FaultInjector.ADDRESSES_OF_OTHERS);
    }

    /** Without it an address takes packets and nobody reaches its network. */
    private void connectedRoutes(Held held) {
        List<Prefix> connected = node.routesOf(held.interfaceName())
                .filter(route -> route.path("protocol").asText().equals("kernel"))
                .filter(route -> route.path("table").asText("main").equals("main"))
                .map(route -> route.path("dst").asText())
                .map(destination -> Prefix.of(destination, !destination.contains(":")))
                .toList();
        tally.count("connected routes", held.addresses().size());
        held.addresses().stream()
                .filter(address -> connected.stream().noneMatch(Prefix.of(address, true)::isSameNetwork))
                .forEach(address -> problems.add(held.interfaceName() + " lacks the connected route of " + address));
    }

    private void routes(Held held) {
        List<JsonNode> all = node.routesOf(held.interfaceName()).toList();
        Set<ShownRoute> shown = all.stream().map(KernelCheck::route).collect(Collectors.toSet());
        tally.count("routes", held.routes().size());
        held.routes().stream()
                .filter(route -> !shown.contains(route))
                .forEach(route -> problems.add(held.interfaceName() + " lacks " + route));
        all.stream()
                .filter(route -> route.path("protocol").asText().equals(OUR_PROTOCOL))
                .map(KernelCheck::route)
                .filter(route -> !held.routes().contains(route))
                .forEach(route -> problems.add(held.interfaceName() + " has " + route));
    }

    private static ShownRoute route(JsonNode route) {
        String destination = route.path("dst").asText();
        return new ShownRoute(
                destination,
                route.path("table").asText("main"),
                route.path("metric").asInt(0));
    }

    /** A tunnel that was made before its object was refused stays, as it was. */
    private void refused(Refused refused) {
        tally.count("refused");
        node.link(refused.interfaceName())
                .filter(link -> isMarkOf(link.alias(), refused.uid()))
                .ifPresent(_ -> tally.count("refused, with a tunnel"));
    }

    private void noOthers(Map<String, Expectation> expectations) {
        for (ShownLink link : node.marked(manager)) {
            tally.count("marks");
            if (expectations.entrySet().stream().noneMatch(entry -> isOf(link, entry.getKey(), entry.getValue()))) {
                problems.add(link.name() + " has a mark without an object that wants it: " + link.alias());
            }
        }
    }

    /** What an object that is refused, or its predecessor of the same name, had before stays under its old name, too. */
    private boolean isOf(ShownLink link, String object, Expectation expectation) {
        return switch (expectation) {
            case Held held -> held.interfaceName().equals(link.name()) && isMarkOf(link.alias(), held.uid());
            case Refused _, Undetermined _ -> link.alias().endsWith(" name=" + object);
        };
    }
}
