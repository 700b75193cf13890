package dev.iptunnel.planner;

import dev.iptunnel.observation.Observation;
import dev.iptunnel.observation.ObservedLink;
import dev.iptunnel.plan.Reason;
import dev.iptunnel.plan.Refusal;
import dev.iptunnel.tunnel.DesiredTunnel;
import dev.iptunnel.tunnel.IpFamily;
import java.util.Optional;

/** What a tunnel needs from the outer network of the node: the parent, and a local address. */
final class Outer {
    private Outer() {}

    static Optional<Refusal> refuseParent(DesiredTunnel desired, Observation observed) {
        return desired.parent()
                .filter(_ -> observed.parent().isEmpty())
                .map(parent -> new Refusal(
                        Reason.PARENT_NOT_FOUND,
                        "there is no interface \"" + parent
                                + "\" (spec.parent) on this node; the tunnel is created when it appears"))
                .or(() -> refuseItself("spec.parent", desired.parent(), observed.parent(), observed))
                .or(() -> refuseItself("spec.localFrom", desired.localSource(), observed.localSource(), observed));
    }

    /**
     * The tunnel itself is found by an alternative name, or by a name that it has for a while: the spec does not show this.
     */
    private static Optional<Refusal> refuseItself(
            String field, Optional<String> name, Optional<ObservedLink> found, Observation observed) {
        return name.flatMap(written -> found.filter(observed::isOwn)
                .map(link -> new Refusal(
                        Reason.INVALID_SPEC,
                        field + ": \"" + written + "\" is the tunnel's own interface " + link.name()
                                + ": write the interface that carries the outer packets")));
    }

    static Refusal localNotFound(DesiredTunnel desired, Observation observed) {
        IpFamily outer = desired.mode().outer();
        String message = desired.localSource()
                .map(source -> observed.localSource().isPresent()
                        ? "interface \"" + source + "\" (spec.localFrom) has no usable " + outer
                                + " address; the tunnel is created when it has one that is global, and not secondary,"
                                + " temporary, deprecated or tentative"
                        : "there is no interface \"" + source + "\" (spec.localFrom) on this node; the tunnel is"
                                + " created when it appears and has an " + outer + " address")
                .orElseGet(() -> "the node had no " + outer + " address (spec.localFrom: NodeAddress) when the agent"
                        + " started; write one in spec.local");
        return new Refusal(Reason.LOCAL_ADDRESS_NOT_FOUND, message);
    }
}
