package dev.iptunnel.planner;

import dev.iptunnel.observation.Inet6Setting;
import dev.iptunnel.observation.Master;
import dev.iptunnel.observation.Observation;
import dev.iptunnel.observation.ObservedLink;
import dev.iptunnel.plan.InetSetting;
import dev.iptunnel.plan.Operation;
import dev.iptunnel.plan.Operation.AddTunnel;
import dev.iptunnel.plan.Operation.ChangeTunnel;
import dev.iptunnel.plan.Operation.ClearInet6Conf;
import dev.iptunnel.plan.Operation.DeleteAlternativeName;
import dev.iptunnel.plan.Operation.RenameLink;
import dev.iptunnel.plan.Operation.SetInetConf;
import dev.iptunnel.plan.Operation.SetLink;
import dev.iptunnel.plan.Operation.SetMaster;
import dev.iptunnel.tunnel.BirthGroup;
import dev.iptunnel.tunnel.DesiredTunnel;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.TunnelParameters;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/** Plans the tunnel's interface itself: its name, VRF, parameters, mark, MTU, state and sysctls. */
final class TunnelInterface {
    private final DesiredTunnel desired;
    private final Observation observed;
    private final TunnelParameters wanted;
    private final int mtu;
    private final List<Operation> operations;

    /** Adds the planned operations to this list. */
    TunnelInterface(
            DesiredTunnel desired, Observation observed, TunnelParameters wanted, int mtu, List<Operation> operations) {
        this.desired = desired;
        this.observed = observed;
        this.wanted = wanted;
        this.mtu = mtu;
        this.operations = operations;
    }

    /** Plans the new name, and returns the interface as it is afterwards. */
    ObservedLink rename(ObservedLink link) {
        String name = desired.interfaceName();
        if (observed.named().equals(Optional.of(link))) {
            operations.add(new DeleteAlternativeName(link.index(), link.name(), name));
        }
        ObservedLink now = observed.goesDownToBeRenamed(link) ? takeDown(link) : link;
        operations.add(new RenameLink(link.index(), link.name(), name));
        return now.toBuilder().name(name).build();
    }

    /**
     * Plans that the interface becomes a port of its VRF, and returns it as it is afterwards. The kernel takes the interface
     * down and up for this (cycle_netdev in drivers/net/vrf.c), which drops its routes and IPv6 addresses. So the plan takes
     * it down first, and adds again what is lost.
     */
    ObservedLink intoVrf(ObservedLink link) {
        if (observed.isInVrf(desired, link)) {
            return link;
        }
        ObservedLink now = takeDown(link);
        observed.vrf()
                .map(vrf -> new SetMaster(OptionalInt.of(link.index()), link.name(), vrf))
                .ifPresent(operations::add);
        return now.toBuilder().master(observed.vrf()).build();
    }

    private ObservedLink takeDown(ObservedLink link) {
        if (link.up()) {
            operations.add(SetLink.down(link));
        }
        return link.goneDown();
    }

    /** Plans a new interface, which becomes a port of this master. */
    void create(Optional<Master> master) {
        String name = desired.interfaceName();
        Optional<Boolean> up = desired.up() ? Optional.of(true) : Optional.empty();
        operations.add(new AddTunnel(
                name, wanted, desired.parent(), BirthGroup.of(desired.mark().manager())));
        distrust(OptionalInt.empty(), name, EnumSet.allOf(Inet6Setting.class));
        operations.add(new SetLink(
                OptionalInt.empty(),
                name,
                Optional.of(desired.mark().toString()),
                OptionalInt.of(mtu),
                up.filter(_ -> master.isEmpty()),
                true));
        if (master.isPresent()) {
            operations.add(new SetMaster(OptionalInt.empty(), name, master.get()));
            setUnlessEmpty(new SetLink(OptionalInt.empty(), name, Optional.empty(), OptionalInt.empty(), up));
        }
        desired.reversePathFilter()
                .ifPresent(filter -> operations.add(
                        new SetInetConf(OptionalInt.empty(), name, InetSetting.RP_FILTER, filter.number())));
    }

    /** This comes before the interface goes up, because the other end may send at once. */
    private void distrust(OptionalInt index, String name, Set<Inet6Setting> trusting) {
        if (desired.mode().inner() == IpFamily.IPV6 && observed.setsInet6Conf()) {
            trusting.stream().sorted().forEach(setting -> operations.add(new ClearInet6Conf(index, name, setting)));
        }
    }

    void converge(ObservedLink link) {
        distrust(OptionalInt.of(link.index()), link.name(), link.settings().trusting());
        String alias = desired.mark().toString();
        SetLink set = new SetLink(
                OptionalInt.of(link.index()),
                link.name(),
                link.alias().equals(alias) ? Optional.empty() : Optional.of(alias),
                link.mtu() == mtu ? OptionalInt.empty() : OptionalInt.of(mtu),
                link.up() == desired.up() ? Optional.empty() : Optional.of(desired.up()),
                link.isHalfBorn(desired.mark().manager()));
        // A change replaces all parameters, so it also removes an fwmark or flags that somebody set.
        boolean changes =
                !parametersOf(link).equals(wanted) || !link.unmanaged().isEmpty();
        if (changes) {
            // The driver may reset the MTU without a notification to IPv6, so the MTU is set before and after the
            // change.
            setUnlessEmpty(
                    new SetLink(set.index(), set.name(), set.alias(), set.mtu(), Optional.empty(), set.endsBirth()));
            operations.add(new ChangeTunnel(link.index(), link.name(), wanted, desired.parent()));
            operations.add(new SetLink(set.index(), set.name(), Optional.empty(), OptionalInt.of(mtu), set.up()));
        } else {
            setUnlessEmpty(set);
        }
        desired.reversePathFilter()
                .filter(filter -> !link.reversePathFilter().equals(OptionalInt.of(filter.number())))
                .ifPresent(filter -> operations.add(new SetInetConf(
                        OptionalInt.of(link.index()), link.name(), InetSetting.RP_FILTER, filter.number())));
    }

    private void setUnlessEmpty(SetLink set) {
        if (set.alias().isPresent() || set.mtu().isPresent() || set.up().isPresent()) {
            operations.add(set);
        }
    }

    static TunnelParameters parametersOf(ObservedLink link) {
        return link.tunnel().orElseThrow(() -> new IllegalStateException(link.name() + " is no tunnel"));
    }
}
