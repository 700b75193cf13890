package dev.iptunnel.planner;

import dev.iptunnel.observation.ObservedAddress;
import dev.iptunnel.observation.ObservedAddress.AddressFlag;
import dev.iptunnel.observation.ObservedLink;
import dev.iptunnel.plan.InetSetting;
import dev.iptunnel.plan.Operation;
import dev.iptunnel.plan.Operation.AddAddress;
import dev.iptunnel.plan.Operation.DeleteAddress;
import dev.iptunnel.plan.Operation.SetInetConf;
import dev.iptunnel.tunnel.InnerAddress;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.IpPrefix;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * The change of an interface's addresses. An interface that loses its last IPv4 address loses all its IPv4 routes. So the
 * new addresses are added first, except those that the kernel accepts only after an old one is removed.
 *
 * <p>On IPv4 the first address of a network is primary, and every later one of the same network is secondary. When a primary
 * address is removed, the kernel removes its secondary addresses too, unless {@code promote_secondaries} is set: then the
 * first of them becomes primary. An example: the interface has 10.7.0.1/24 (primary) and 10.7.0.2/24 (secondary). The spec
 * asks for 10.7.0.2/24 and 10.7.0.3/24. The plan is
 *
 * <pre>
 * sysctl -w net.ipv4.conf.NAME.promote_secondaries=1   10.7.0.2 has to survive the removal of 10.7.0.1
 * ip address add 10.7.0.3/24 dev NAME                  secondary as well
 * ip address del 10.7.0.1/24 dev NAME                  10.7.0.2 becomes primary
 * </pre>
 *
 * If the spec asks for neither of the two old addresses, the secondary one is removed first: the kernel would remove it
 * together with the primary one, and its own removal would fail.
 *
 * @param superfluous ours, and not in the spec
 * @param staying all other present addresses
 * @param added in the spec, and not present
 */
record AddressChange(List<ObservedAddress> superfluous, List<ObservedAddress> staying, List<InnerAddress> added) {
    private static final int ENABLED = 1;

    /** Whether no address is removed and none is added. */
    boolean isEmpty() {
        return superfluous.isEmpty() && added.isEmpty();
    }

    /** The additions, and everything that has to come before them. */
    List<Operation> additions(ObservedLink link) {
        List<Operation> operations = new ArrayList<>();
        if (promotes()) {
            operations.add(new SetInetConf(
                    OptionalInt.of(link.index()), link.name(), InetSetting.PROMOTE_SECONDARIES, ENABLED));
        }
        operations.addAll(deletions(link, this::goesFirst));
        added.forEach(address -> operations.add(new AddAddress(OptionalInt.of(link.index()), link.name(), address)));
        return operations;
    }

    /** The removals that come after the additions. */
    List<Operation> deletions(ObservedLink link) {
        return deletions(link, address -> !goesFirst(address));
    }

    /** Secondary addresses first: the kernel may remove them with the primary one. */
    private List<Operation> deletions(ObservedLink link, Predicate<ObservedAddress> which) {
        return superfluous.stream()
                .filter(which)
                .sorted(Comparator.comparing(address -> !isSecondary(address)))
                .<Operation>map(address -> new DeleteAddress(link.index(), link.name(), address.address()))
                .toList();
    }

    private boolean goesFirst(ObservedAddress old) {
        return isSecondary(old) || isInTheWay(old);
    }

    /** An interface can have an IPv6 address only once, and an IPv4 address once in each network. */
    private boolean isInTheWay(ObservedAddress old) {
        return added.stream()
                .anyMatch(address -> address.address().equals(old.prefix().address())
                        && (!isIpv4(old)
                                || address.network().equals(old.address().network())));
    }

    /** Whether the interface has IPv4 addresses, and is without any for a moment. */
    boolean dropsRoutes() {
        List<ObservedAddress> gone =
                superfluous.stream().filter(AddressChange::isIpv4).toList();
        return !gone.isEmpty()
                && staying.stream().noneMatch(AddressChange::isIpv4)
                && (added.isEmpty() || gone.stream().allMatch(this::goesFirst));
    }

    /** Whether a primary address is removed while a secondary one of its network stays or is added. */
    private boolean promotes() {
        return superfluous.stream()
                .filter(address -> isIpv4(address) && !isSecondary(address))
                .anyMatch(primary ->
                        secondariesOf(primary).anyMatch(primary.address().network()::equals));
    }

    /** The networks of the addresses that are secondary when this one is removed. */
    private Stream<IpPrefix> secondariesOf(ObservedAddress primary) {
        Stream<InnerAddress> present =
                staying.stream().filter(AddressChange::isSecondary).map(ObservedAddress::address);
        return Stream.concat(present, isInTheWay(primary) ? Stream.empty() : added.stream())
                .map(InnerAddress::network);
    }

    private static boolean isSecondary(ObservedAddress address) {
        return address.flags().contains(AddressFlag.SECONDARY);
    }

    private static boolean isIpv4(ObservedAddress address) {
        return address.prefix().family() == IpFamily.IPV4;
    }
}
