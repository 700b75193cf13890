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
 * Whose an interface is. Before anything is planned the cases are told apart in this order:
 *
 * <ol>
 *   <li>Case 7: a fallback device, or no tunnel at all: never ours.
 *   <li>An older object wants the same interface: it has it.
 *   <li>Case 1: no interface of the name.
 *   <li>Case 2: it carries the object's mark. Case 5: it carries the mark of the object's predecessor (same manager and
 *       name, another UID; names are unique, so that one is gone), or of an object, or its predecessor, that wants it
 *       no longer, or that is younger.
 *   <li>Case 4: it carries no alias, and is <em>half-born</em>: an agent of ours made it and died, or failed, before
 *       it was marked, which its {@link BirthGroup} tells and nothing else. Or it is identical and may be adopted.
 *   <li>Everything else is somebody else's.
 * </ol>
 *
 * Case 3, our mark at another name, is no refusal; {@link EndpointOwnership} has cases 6 and 8.
 */
final class Ownership {
    /** What is known of an object that is not among those of this node. */
    static final String NOT_OF_THIS_NODE =
            "not among the IpTunnels of this node: it is deleted (wait until its tunnel is"
                    + " removed), invalid, or of another node name (this node was renamed)";

    private final DesiredTunnel desired;
    private final Claims claims;

    Ownership(DesiredTunnel desired, Claims claims) {
        this.desired = desired;
        this.claims = claims;
    }

    /** Case 7, which no mark and no policy overrides. */
    static Optional<Refusal> refuseForeignKind(ObservedLink link) {
        if (link.tunnel().isEmpty()) {
            return conflict(link.inWords() + " is there and is no tunnel; choose another spec.interfaceName");
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
                                + ", wants interface " + desired.interfaceName()
                                + " too; choose another spec.interfaceName"));
    }

    /**
     * Cases 2, 4 and 5.
     *
     * @param wanted what the driver is to be told
     * @param mtu what the interface's is to be
     * @param vrf what it differs in as to its VRF
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
                    + "; choose another spec.interfaceName, or, if nobody needs that one any more, take its mark off on the"
                    + " node (ip link set dev " + link.name()
                    + " alias \"\") and let spec.adoptionPolicy: IfIdentical take the tunnel over");
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

    /** Another object's interface, which {@link #refuseForeignTunnel} let this one have. */
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
                                                : "since the IpTunnel \"" + mark.name() + "\" asks for "
                                                        + other.interfaceName() + " now"))));
    }

    /** The object that a mark names. */
    static String describe(Mark mark) {
        return "the IpTunnel \"" + mark.name() + "\" (uid " + mark.uid() + ")";
    }

    /** That of another manager. */
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
