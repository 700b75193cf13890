package dev.iptunnel.tunnel;

import java.util.Optional;

/** What a tunnel needs of the node below it: the parent, and a local address. */
final class Outer {
    private Outer() {}

    static Optional<Refusal> refuseParent(DesiredTunnel desired, Observation observed) {
        return desired.parent().flatMap(parent -> {
            if (parent.equals(desired.interfaceName())) {
                return Optional.of(new Refusal(
                        Reason.INVALID_SPEC,
                        "spec.parent: \"" + parent + "\" is the tunnel itself; name the interface"
                                + " that the outer packets leave by, or leave it out"));
            }
            return observed.parent().isPresent()
                    ? Optional.empty()
                    : Optional.of(new Refusal(
                            Reason.PARENT_NOT_FOUND,
                            "there is no interface \"" + parent + "\" (spec.parent) on this node; the tunnel is made"
                                    + " when it appears"));
        });
    }

    static Refusal localNotFound(DesiredTunnel desired) {
        IpFamily outer = desired.mode().outer();
        String message = desired.localSource()
                .map(source -> "interface \"" + source + "\" (spec.localFrom) has no " + outer
                        + " address that lasts; the" + " tunnel is made when it has one")
                .orElseGet(() -> "the node had no " + outer + " address (spec.localFrom: NodeAddress) when the agent"
                        + " started; write one in spec.local");
        return new Refusal(Reason.LOCAL_ADDRESS_NOT_FOUND, message);
    }
}
