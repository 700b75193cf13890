package dev.iptunnel.planner;

import dev.iptunnel.observation.Master;
import dev.iptunnel.observation.Observation;
import dev.iptunnel.observation.ObservedLink;
import dev.iptunnel.plan.Reason;
import dev.iptunnel.plan.Refusal;
import dev.iptunnel.tunnel.DesiredTunnel;
import dev.iptunnel.tunnel.Mark;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Alternative names ({@code altname} in ip-link(8)). The kernel finds an interface by each of its names, and no two
 * interfaces share one. If a look-up returns an interface of another name, it was found by an alternative name.
 */
public final class AlternativeName {
    private AlternativeName() {}

    /** Refuses a name that is the alternative name of another interface. Our own tunnel is renamed instead. */
    static Optional<Refusal> refuse(DesiredTunnel desired, ObservedLink link) {
        if (link.name().equals(desired.interfaceName())
                || link.mark().filter(mark -> isOfObject(mark, desired)).isPresent()) {
            return Optional.empty();
        }
        return Optional.of(new Refusal(
                Reason.INTERFACE_NAME_CONFLICT,
                link.inWords() + " has the alternative name \""
                        + desired.interfaceName()
                        + "\"; choose another spec.interfaceName, or remove that name: ip link"
                        + " property del dev " + link.name() + " altname " + desired.interfaceName()));
    }

    private static boolean isOfObject(Mark mark, DesiredTunnel desired) {
        return mark.isOfSameName(desired.mark())
                || (mark.isOf(desired.mark().manager())
                        && mark.uid().equals(desired.mark().uid()));
    }

    /** The alternative names in the spec, with the interfaces that they belong to. */
    public static Optional<String> report(DesiredTunnel desired, Observation observed) {
        String report = Stream.of(
                        report(
                                "spec.parent",
                                desired.parent(),
                                observed.parent().map(ObservedLink::name)),
                        report("spec.vrf", desired.vrf(), observed.vrf().map(Master::name)),
                        report(
                                "spec.localFrom",
                                desired.localSource(),
                                observed.localSource().map(ObservedLink::name)))
                .flatMap(Optional::stream)
                .collect(Collectors.joining("; "));
        return Optional.of(report).filter(text -> !text.isEmpty());
    }

    private static Optional<String> report(String field, Optional<String> written, Optional<String> found) {
        return written.flatMap(name -> found.filter(real -> !real.equals(name))
                .map(real -> "\"" + name + "\" (" + field + ") is an alternative name of interface " + real));
    }
}
