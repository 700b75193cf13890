package dev.iptunnel.planner;

import dev.iptunnel.observation.ObservedLink;
import dev.iptunnel.plan.Displacement;
import dev.iptunnel.plan.Reason;
import dev.iptunnel.plan.Refusal;
import dev.iptunnel.tunnel.AdoptionPolicy;
import dev.iptunnel.tunnel.BirthGroup;
import dev.iptunnel.tunnel.DesiredTunnel;
import dev.iptunnel.tunnel.Mark;
import dev.iptunnel.tunnel.TunnelParameters;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Decides who owns an interface. Before anything is planned, the cases are checked in this order:
 *
 * <ol>
 *   <li>Case 7: it is a fallback device, or no tunnel at all: never ours.
 *   <li>An older object wants the same interface: the older one gets it.
 *   <li>Case 1: there is no interface of the name.
 *   <li>Case 2: it has the mark of the object. Case 5: it has the mark of a predecessor of the object (same manager and
 *       name, another UID; names are unique, so the predecessor is gone). Or it has the mark of an object that wants another
 *       interface now, or that is younger.
 *   <li>Case 4: it has no alias. It is <em>half-born</em>: an agent of ours created it, and died or failed before it set the
 *       mark. Only its {@link BirthGroup} shows this. Or it is identical and may be adopted.
 *   <li>Everything else belongs to others.
 * </ol>
 *
 * Case 3, our mark on an interface of another name, is no refusal. {@link EndpointOwnership} has cases 6 and 8.
 */
final class Ownership {
    /** The words for the object of a mark that is not an object of this node. */
    static final String NOT_OF_THIS_NODE =
            "not among the IpTunnels of this node: it was deleted (wait until its tunnel is"
                    + " removed), is invalid, or names another node (this node was renamed)";

    private final DesiredTunnel desired;
    private final Claims claims;

    Ownership(DesiredTunnel desired, Claims claims) {
        this.desired = desired;
        this.claims = claims;
    }

    /** Case 7; no mark and no policy overrides it. */
    static Optional<Refusal> refuseForeignKind(ObservedLink link) {
        if (link.tunnel().isEmpty()) {
            return conflict(link.inWords() + " exists and is not a tunnel; choose another spec.interfaceName");
        }
        if (link.isFallback()) {
            return conflict(link.inWords() + " is the fallback device of the kernel's driver "
                    + link.tunnel().get().driver().kind() + "; choose another spec.interfaceName");
        }
        return Optional.empty();
    }

    Optional<Refusal> refuseYounger() {
        return claims.olderOfInterface(desired)
                .map(older -> conflict(
                        older.mark(),
                        "the IpTunnel \"" + older.mark().name() + "\", which " + older.precedenceOver(desired)
                                + ", also wants interface " + desired.interfaceName()
                                + "; choose another spec.interfaceName"));
    }

    /**
     * Cases 2, 4 and 5.
     *
     * @param wanted the parameters for the driver
     * @param mtu the MTU of the desired interface
     * @param vrf the difference between its VRF and the desired one
     */
    Optional<Refusal> refuseForeignTunnel(ObservedLink link, TunnelParameters wanted, int mtu, Optional<String> vrf) {
        Optional<Mark> mark =
                link.mark().filter(known -> known.isOf(desired.mark().manager()));
        return mark.isPresent() ? refuseOther(link, mark.get()) : refuseUnmarked(link, wanted, mtu, vrf);
    }

    private Optional<Refusal> refuseOther(ObservedLink link, Mark mark) {
        if (mark.isOfSameName(desired.mark())
                || mark.uid().equals(desired.mark().uid())) {
            return Optional.empty();
        }
        Optional<DesiredTunnel> holder = claims.ownerOf(mark);
        if (holder.isEmpty() || holder.get().paused()) {
            return Optional.of(conflict(
                    mark,
                    link.inWords() + " belongs to " + describe(mark) + ", which is "
                            + (holder.isEmpty()
                                    ? NOT_OF_THIS_NODE + "; choose another spec.interfaceName, or create "
                                            + "that one again under its name for this node, which takes the tunnel over"
                                    : "paused: unpause that one, or choose another spec.interfaceName")));
        }
        return Optional.empty();
    }

    private Optional<Refusal> refuseUnmarked(
            ObservedLink link, TunnelParameters wanted, int mtu, Optional<String> vrf) {
        Optional<Mark> foreign = link.mark();
        if (foreign.isPresent()) {
            return conflict(link.inWords() + " belongs to " + describeForeign(foreign.get())
                    + "; choose another spec.interfaceName, or, if nobody needs that tunnel any more, remove its mark on the"
                    + " node (ip link set dev " + link.name()
                    + " alias \"\") and take the tunnel over with spec.adoptionPolicy: IfIdentical");
        }
        if (!link.alias().isEmpty()) {
            return conflict(link.inWords() + " is not ours, its alias is \"" + link.alias()
                    + "\"; choose another spec.interfaceName, or remove it");
        }
        if (link.isHalfBorn(desired.mark().manager())) {
            return Optional.empty();
        }
        List<String> differences = new ArrayList<>(link.tunnel().orElseThrow().differences(wanted));
        link.unmanaged().forEach(setting -> differences.add(setting.text()));
        vrf.ifPresent(differences::add);
        boolean carriesNothing = !link.up() && link.addresses().isEmpty();
        if (!carriesNothing && link.mtu() != mtu) {
            differences.add("mtu " + link.mtu() + ", not " + mtu);
        }
        if (!carriesNothing && link.up() != desired.up()) {
            differences.add("state " + (link.up() ? "up, not down" : "down, not up"));
        }
        if (differences.isEmpty() && desired.adoptionPolicy() == AdoptionPolicy.IF_IDENTICAL) {
            return Optional.empty();
        }
        return conflict(link.inWords() + " was made by somebody else"
                + (differences.isEmpty()
                        ? " and is what the spec asks for; to take it over set spec.adoptionPolicy: IfIdentical"
                        : " (it has " + String.join("; ", differences)
                                + "); choose another spec.interfaceName, or remove it"));
    }

    /** The other object whose interface this object gets, if {@link #refuseForeignTunnel} did not refuse it. */
    Optional<Displacement> displaced(ObservedLink link) {
        return link.mark()
                .filter(mark -> !mark.name().equals(desired.mark().name()))
                .flatMap(mark -> claims.ownerOf(mark)
                        .map(other -> new Displacement(
                                other.mark(),
                                link.inWords() + " goes to the IpTunnel \""
                                        + desired.mark().name() + "\", "
                                        + (other.interfaceName().equals(link.name())
                                                ? "which " + desired.precedenceOver(other)
                                                : "because the IpTunnel \"" + mark.name() + "\" asks for "
                                                        + other.interfaceName() + " now"))));
    }

    /** The object of a mark, as text for a message. */
    static String describe(Mark mark) {
        return "the IpTunnel \"" + mark.name() + "\" (uid " + mark.uid() + ")";
    }

    /** The object of a mark of another manager, as text for a message. */
    static String describeForeign(Mark mark) {
        return describe(mark) + " of manager " + mark.manager()
                + (mark.isOf(Mark.COMMAND)
                        ? " (the command iptunnel)"
                        : " (another cluster, or this one before it was rebuilt)");
    }

    private static Refusal conflict(Mark rival, String message) {
        return new Refusal(Reason.INTERFACE_NAME_CONFLICT, message, Optional.of(rival.name()));
    }

    private static Optional<Refusal> conflict(String message) {
        return Optional.of(new Refusal(Reason.INTERFACE_NAME_CONFLICT, message));
    }
}
