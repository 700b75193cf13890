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
 * Alternative names, {@code altname} of ip-link(8): the kernel finds an interface by each of them, and gives no other
 * interface such a name. Where an interface that was looked for has another name, it was found by one.
 */
public final class AlternativeName {
    private AlternativeName() {}

    /** The name is another interface's alternative one. Our own tunnel is renamed instead. */
    static Optional<Refusal> refuse(DesiredTunnel desired, ObservedLink link) {
        if (link.name().equals(desired.interfaceName())
                || link.mark().filter(mark -> isOfObject(mark, desired)).isPresent()) {
            return Optional.empty();
        }
        return Optional.of(new Refusal(
                Reason.INTERFACE_NAME_CONFLICT,
                link.inWords() + " has the alternative name \""
                        + desired.interfaceName()
                        + "\"; choose another spec.interfaceName, or take that name off: ip link"
                        + " property del dev " + link.name() + " altname " + desired.interfaceName()));
    }

    private static boolean isOfObject(Mark mark, DesiredTunnel desired) {
        return mark.isOfSameName(desired.mark())
                || (mark.isOf(desired.mark().manager())
                        && mark.uid().equals(desired.mark().uid()));
    }

    /** Which interfaces the spec names by alternative names. */
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
