package dev.iptunnel.kernel;

import dev.iptunnel.kernel.NodeSnapshot.Device;
import dev.iptunnel.plan.Reason;
import dev.iptunnel.tunnel.DeletionPolicy;
import dev.iptunnel.tunnel.IpFamily;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * What is to come of the objects by the design's rules: from the objects, from what ip(8) shows before they are
 * reconciled, and from what iproute2 makes of their specs.
 */
final class HistoryRules {
    private final Collection<HistoryObject> objects;
    private final NodeSnapshot before;
    private final TypedOracle oracle;

    HistoryRules(Collection<HistoryObject> objects, NodeSnapshot before, TypedOracle oracle) {
        this.objects = List.copyOf(objects);
        this.before = before;
        this.oracle = oracle;
    }

    /** The reasons that there are to refuse the whole object; with none it is programmed. */
    Set<Reason> refusals(HistoryObject object) {
        Set<Reason> reasons = EnumSet.noneOf(Reason.class);
        if (foreign().anyMatch(device -> device.name().equals(object.interfaceName()) && !isTakenOver(device, object))
                || isOutdone(object, other -> other.interfaceName().equals(object.interfaceName()))) {
            reasons.add(Reason.INTERFACE_NAME_CONFLICT);
        }
        if (foreign()
                        .anyMatch(device -> !device.name().equals(object.interfaceName())
                                && device.endpoints().equals(object.endpoints()))
                || isOutdone(
                        object,
                        other -> isRival(object, other)
                                && (other.followsInterface() == object.followsInterface()
                                        || refusals(other).isEmpty()))) {
            reasons.add(Reason.ENDPOINT_CONFLICT);
        }
        if (!object.word("parent").equals("absent")
                && before.named(object.word("parent")).isEmpty()) {
            reasons.add(Reason.PARENT_NOT_FOUND);
        }
        return reasons;
    }

    /**
     * Whether it may be refused, though no rule says that it must be: an older one that takes its local address from an
     * interface is not programmed, and its tunnel of before has the endpoints.
     */
    boolean mayBeOutdone(HistoryObject object) {
        return isOutdone(object, other -> isRival(object, other));
    }

    private static boolean isRival(HistoryObject object, HistoryObject other) {
        return other.endpoints().equals(object.endpoints());
    }

    private boolean isOutdone(HistoryObject object, Predicate<HistoryObject> rival) {
        return objects.stream().filter(other -> other.isOlderThan(object)).anyMatch(rival);
    }

    /** Devices of none of the objects, nor of one that is gone, unless that one's is to be retained. */
    private Stream<Device> foreign() {
        return before.devices().stream().filter(this::isForeign);
    }

    private boolean isForeign(Device device) {
        return device.mark()
                .map(mark -> mark.deletionPolicy() == DeletionPolicy.RETAIN
                        && objects.stream().noneMatch(device::isOf))
                .orElse(!device.isHalfBorn());
    }

    /** Identical, and to be adopted; of one that is down and has no address the MTU and the state do not count. */
    private boolean isTakenOver(Device device, HistoryObject object) {
        if (!(device.mark().isPresent() || device.alias().isEmpty())) {
            return false;
        }
        DeviceState wanted = oracle.of(object, before, List.of(), List.of());
        boolean carriesNothing = !device.isUp() && device.addresses().isEmpty();
        boolean alike = device.mtu() == wanted.link().get("mtu").asInt() && device.isUp() == object.isUp();
        return object.adopts()
                && (carriesNothing || alike)
                && device.tunnel().equals(wanted.link().get("linkinfo"));
    }

    /** What has to be there afterwards, the same but for a mark that is taken off. */
    List<Device> untouched() {
        return foreign()
                .filter(device -> objects.stream()
                        .noneMatch(object -> object.interfaceName().equals(device.name())
                                && isTakenOver(device, object)
                                && refusals(object).isEmpty()))
                .toList();
    }

    /** The routes that somebody else has already. */
    List<String> contestedRoutes(HistoryObject object) {
        List<String> taken = untouched().stream()
                .flatMap(device -> device.routeEntries().stream())
                .toList();
        return object.isUp()
                ? object.routes().stream()
                        .filter(route -> taken.contains(Device.entry(route)))
                        .toList()
                : List.of();
    }

    /** The object's tunnel of before, where no driver has to make it anew. */
    Optional<Device> kept(HistoryObject object) {
        return before.named(object.interfaceName())
                .filter(device -> isForeign(device) || device.isOf(object))
                .filter(device -> device.kind().equals(object.mode().driver().kind()))
                .filter(device -> object.mode().outer() == IpFamily.IPV6
                        || device.remote().equals("any")
                                == object.word("remote").equals("any"));
    }

    /** What ip(8) is to show of a programmed object's device. */
    DeviceState expected(HistoryObject object, Device after) {
        List<String> addresses = kept(object)
                .map(device -> foreignAddresses(device, object))
                .orElseGet(() -> List.copyOf(after.foreignAddresses()));
        List<String> routes = kept(object)
                .map(device -> foreignRoutes(device, object, after))
                .orElseGet(() -> List.copyOf(after.foreignRoutes()));
        return oracle.of(
                object,
                before,
                contestedRoutes(object),
                Stream.concat(
                                addresses.stream().map(address -> "ip address add " + address + " dev DEVICE"),
                                routes.stream().map(route -> "ip route add " + route + " dev DEVICE proto bird"))
                        .toList());
    }

    /** Going down takes the IPv6 addresses. */
    private static List<String> foreignAddresses(Device device, HistoryObject object) {
        return device.foreignAddresses().stream()
                .filter(address -> !device.isUp() || object.isUp() || !Device.isIpv6(address))
                .toList();
    }

    /** Going down takes all routes, and the last IPv4 address the IPv4 ones, unless a new address can come before. */
    private static List<String> foreignRoutes(Device device, HistoryObject object, Device after) {
        if (!object.isUp()) {
            return List.of();
        }
        List<String> addresses = Stream.concat(object.addresses().stream(), device.foreignAddresses().stream())
                .toList();
        boolean keepsIpv4 = !device.hasIpv4Address() || device.hasIpv4AddressOf(addresses);
        return device.foreignRoutes().stream()
                .filter(route -> keepsIpv4
                        || Device.isIpv6(route)
                        || after.foreignRoutes().contains(route))
                .toList();
    }
}
