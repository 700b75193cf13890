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
 * The change of an interface's addresses. An interface that loses its last IPv4 address loses all its IPv4 routes, whoever
 * made them: so the new addresses come first, but for those that the kernel takes only once the old one is gone.
 *
 * @param superfluous ours, and not wanted
 * @param staying all others that are there
 * @param added not there yet
 */
record AddressChange(List<ObservedAddress> superfluous, List<ObservedAddress> staying, List<InnerAddress> added) {
    private static final int ENABLED = 1;

    /** Whether all that is there stays, and nothing comes. */
    boolean isEmpty() {
        return superfluous.isEmpty() && added.isEmpty();
    }

    /** Up to the additions. */
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

    /** What is left to be removed after the additions. */
    List<Operation> deletions(ObservedLink link) {
        return deletions(link, address -> !goesFirst(address));
    }

    /** Secondary addresses before the primary one, which may take them along. */
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

    /** IPv6 has an address once on an interface, IPv4 once in each of its networks. */
    private boolean isInTheWay(ObservedAddress old) {
        return added.stream()
                .anyMatch(address -> address.address().equals(old.prefix().address())
                        && (!isIpv4(old)
                                || address.network().equals(old.address().network())));
    }

    /** Whether there is a moment without an IPv4 address, and was one with. */
    boolean dropsRoutes() {
        List<ObservedAddress> gone =
                superfluous.stream().filter(AddressChange::isIpv4).toList();
        return !gone.isEmpty()
                && staying.stream().noneMatch(AddressChange::isIpv4)
                && (added.isEmpty() || gone.stream().allMatch(this::goesFirst));
    }

    private boolean promotes() {
        return superfluous.stream()
                .filter(address -> isIpv4(address) && !isSecondary(address))
                .anyMatch(primary ->
                        secondariesOf(primary).anyMatch(primary.address().network()::equals));
    }

    /** The networks of those that are secondary when this one goes. */
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
        return IpFamily.of(address.prefix().address()) == IpFamily.IPV4;
    }
}
