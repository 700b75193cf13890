package dev.iptunnel.planner;

import dev.iptunnel.observation.Master;
import dev.iptunnel.observation.Observation;
import dev.iptunnel.observation.ObservedLink;
import dev.iptunnel.plan.Decision;
import dev.iptunnel.plan.Operation.SetLink;
import dev.iptunnel.plan.Plan;
import dev.iptunnel.plan.Reason;
import dev.iptunnel.plan.Refusal;
import dev.iptunnel.tunnel.DesiredTunnel;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The VRF that a tunnel is put into. */
final class Vrf {
    private Vrf() {}

    /** Why the tunnel cannot be in the desired VRF. */
    static Optional<Refusal> refuse(DesiredTunnel desired, Observation observed) {
        return desired.vrf().flatMap(name -> observed.vrf()
                .map(found -> notVrf(name, found))
                .orElseGet(() -> Optional.of(new Refusal(
                        Reason.VRF_NOT_FOUND,
                        "there is no interface \"" + name + "\" (spec.vrf) on this node; the tunnel is created,"
                                + " or set up, when it appears: ip link add " + name
                                + " type vrf table NUMBER"))));
    }

    private static Optional<Refusal> notVrf(String name, Master found) {
        return found.vrfTable().isPresent()
                ? Optional.empty()
                : Optional.of(new Refusal(
                        Reason.INVALID_SPEC,
                        "spec.vrf: interface \"" + name + "\" is of kind " + found.kind()
                                + " and not a VRF: write the name of a VRF on the node, or leave vrf out"));
    }

    /** Outside its VRF the tunnel would mix its addresses and packets with those of the node, so it is set down. */
    static Decision without(DesiredTunnel desired, Observation observed, Refusal refusal) {
        return Stream.concat(observed.named().stream(), observed.strays().stream())
                .filter(link -> link.up()
                        && link.hasMarkOf(desired)
                        && Ownership.refuseForeignKind(link).isEmpty())
                .findFirst()
                .<Decision>map(link -> new Plan(
                        List.of(SetLink.down(link)),
                        List.of(refusal),
                        Optional.of("the interface is down while it cannot be in its VRF"),
                        List.of()))
                .orElse(refusal);
    }

    /** The difference between the VRF of a foreign interface and the desired one. */
    static Optional<String> difference(DesiredTunnel desired, Observation observed, ObservedLink link) {
        if (desired.vrf().isPresent() && observed.isInVrf(desired, link)) {
            return Optional.empty();
        }
        Optional<String> wanted = observed.vrf().map(vrf -> ", not " + vrf.name());
        return link.master()
                .map(master -> "master " + master + wanted.orElse(""))
                .or(() -> wanted.map(not -> "no master" + not));
    }
}
