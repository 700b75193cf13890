package dev.iptunnel.tunnel;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Whose an interface is. Before anything is planned the cases are told apart in this order:
 *
 * <ol>
 *   <li>Case 7: a fallback device, or no tunnel at all: never ours.
 *   <li>The parent is not there, or is the tunnel itself.
 *   <li>Case 1: no interface of the name.
 *   <li>Case 2: it carries the object's mark. Case 5: it carries that of the object's predecessor (same manager and
 *       name, another UID): names are unique, so that one is gone.
 *   <li>Case 4: it carries no alias, and is <em>half-born</em>: exactly as the agent leaves it that dies between making
 *       and marking it.
 *   <li>Everything else is somebody else's.
 * </ol>
 */
final class Ownership {
    private Ownership() {}

    static Optional<Refusal> refuse(DesiredTunnel desired, Observation observed) {
        Optional<Refusal> neverOurs = observed.named().flatMap(Ownership::refuseForeignKind);
        if (neverOurs.isPresent()) {
            return neverOurs;
        }
        Optional<Refusal> parent = refuseParent(desired, observed);
        if (parent.isPresent()) {
            return parent;
        }
        return observed.named().flatMap(link -> refuseForeignTunnel(desired, observed, link));
    }

    private static Optional<Refusal> refuseForeignKind(ObservedLink link) {
        if (link.tunnel().isEmpty()) {
            return conflict("interface %s (ifindex %d) is there and is no tunnel; choose another spec.interfaceName"
                    .formatted(link.name(), link.index()));
        }
        if (link.tunnel().get().isFallback()) {
            return conflict("interface %s (ifindex %d) is the fallback device of the kernel's driver %s; choose another"
                            .formatted(
                                    link.name(),
                                    link.index(),
                                    link.tunnel().get().driver().kind())
                    + " spec.interfaceName");
        }
        return Optional.empty();
    }

    private static Optional<Refusal> refuseParent(DesiredTunnel desired, Observation observed) {
        if (desired.parent().isEmpty()) {
            return Optional.empty();
        }
        String parent = desired.parent().get();
        if (parent.equals(desired.interfaceName())) {
            return Optional.of(new Refusal(
                    Reason.INVALID_SPEC,
                    "spec.parent: \"" + parent + "\" is the tunnel itself; name the interface"
                            + " that the outer packets leave by, or leave it out"));
        }
        if (observed.parent().isEmpty()) {
            return Optional.of(new Refusal(
                    Reason.PARENT_NOT_FOUND,
                    "there is no interface \"" + parent + "\" (spec.parent) on this node; the tunnel is made when it"
                            + " appears"));
        }
        return Optional.empty();
    }

    private static Optional<Refusal> refuseForeignTunnel(
            DesiredTunnel desired, Observation observed, ObservedLink link) {
        Mark ours = desired.mark();
        Optional<Mark> mark = link.mark();
        if (mark.isPresent() && mark.get().isOf(ours.manager())) {
            boolean oursOrPredecessors =
                    mark.get().uid().equals(ours.uid()) || mark.get().name().equals(ours.name());
            return oursOrPredecessors
                    ? Optional.empty()
                    : conflict(
                            "interface %s (ifindex %d) belongs to the IpTunnel \"%s\"; choose another spec.interfaceName"
                                    .formatted(
                                            link.name(),
                                            link.index(),
                                            mark.get().name()));
        }
        if (!link.alias().isEmpty()) {
            return conflict("interface %s (ifindex %d) is not ours, its alias is \"%s\"; choose another"
                            .formatted(link.name(), link.index(), link.alias())
                    + " spec.interfaceName, or remove it");
        }
        List<String> differences = new ArrayList<>(link.tunnel()
                .orElseThrow()
                .differences(desired.parameters(
                        observed.parent().map(ObservedLink::index).orElse(0))));
        differences.addAll(link.unmanaged());
        if (differences.isEmpty() && !link.up() && link.addresses().isEmpty()) {
            return Optional.empty();
        }
        String detail = differences.isEmpty()
                ? "its parameters are those of the spec"
                : "it has " + String.join("; ", differences);
        return conflict(
                "interface %s (ifindex %d) was made by somebody else (%s); choose another spec.interfaceName, or"
                                .formatted(link.name(), link.index(), detail)
                        + " remove it");
    }

    private static Optional<Refusal> conflict(String message) {
        return Optional.of(new Refusal(Reason.INTERFACE_NAME_CONFLICT, message));
    }
}
