package dev.iptunnel.planner;

import dev.iptunnel.observation.Master;
import dev.iptunnel.observation.Observation;
import dev.iptunnel.observation.ObservedLink;
import dev.iptunnel.observation.ObservedLink.UnmanagedSetting;
import dev.iptunnel.tunnel.DesiredTunnel;
import dev.iptunnel.tunnel.TunnelParameters;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Which interface becomes the desired tunnel: the one of its name, or one of another name that is renamed (case 3), if the
 * kernel can change it in place. If there is none, a new interface is created.
 */
final class Reuse {
    private static final String DOWN_MEANWHILE = ": the interface is down meanwhile";

    private final DesiredTunnel desired;
    private final Observation observed;
    private final TunnelParameters wanted;

    Reuse(DesiredTunnel desired, Observation observed, TunnelParameters wanted) {
        this.desired = desired;
        this.observed = observed;
        this.wanted = wanted;
    }

    /** The interface that has the desired name and is changed in place. */
    Optional<ObservedLink> kept() {
        return observed.named().filter(link -> hasName(link) && obstacle(link).isEmpty());
    }

    /** The interface that gets the desired name, which is free or an alternative name of this interface. */
    Optional<ObservedLink> renamed() {
        return observed.named().isPresent()
                ? observed.named()
                        .filter(link -> !hasName(link) && obstacle(link).isEmpty())
                : observed.strays().stream()
                        .filter(stray -> obstacle(stray).isEmpty())
                        .findFirst();
    }

    /** The tunnels of the object that are removed, because another interface becomes the tunnel. */
    Stream<ObservedLink> superfluous() {
        Optional<ObservedLink> renamed = renamed();
        return observed.strays().stream().filter(stray -> !renamed.equals(Optional.of(stray)));
    }

    /** Why the traffic of the tunnel is interrupted: its interface is recreated, or goes down for a moment. */
    Optional<String> disruption() {
        return (renamed().isPresent() ? goingDownToBeRenamed() : recreation()).or(this::goingDownForVrf);
    }

    private Optional<String> goingDownToBeRenamed() {
        return renamed()
                .filter(observed::goesDownToBeRenamed)
                .map(link -> "the name changes from " + link.name() + " to " + desired.interfaceName() + DOWN_MEANWHILE
                        + ", because this kernel does not rename an interface that is up");
    }

    private Optional<String> goingDownForVrf() {
        return observed.named()
                .filter(link -> link.up() && !observed.isInVrf(desired, link))
                .flatMap(link -> observed.vrf()
                        .map(vrf -> "the VRF changes from "
                                + link.master().map(Master::name).orElse("none") + " to " + vrf.name()
                                + DOWN_MEANWHILE));
    }

    private Optional<String> recreation() {
        String name = desired.interfaceName();
        return observed.named()
                .filter(link -> !link.isHalfBorn(desired.mark().manager()))
                .flatMap(this::obstacle)
                .map(why -> why + ": the interface is removed and created again, with another ifindex")
                .or(() -> observed.strays().stream()
                        .findFirst()
                        .map(stray -> "the name changes from " + stray.name() + " to " + name + ": " + stray.name()
                                + " is removed, and " + name + " has another ifindex"));
    }

    private boolean hasName(ObservedLink link) {
        return link.name().equals(desired.interfaceName());
    }

    /** Why a change in place cannot turn the interface into the desired one. */
    private Optional<String> obstacle(ObservedLink link) {
        String lasting = link.unmanaged().stream()
                .filter(setting -> !setting.clearedByChange())
                .map(UnmanagedSetting::text)
                .collect(Collectors.joining(", "));
        return lasting.isEmpty()
                ? TunnelInterface.parametersOf(link).obstacleTo(wanted)
                : Optional.of("the driver cannot remove " + lasting + " in place");
    }
}
