package dev.iptunnel.readiness;

import dev.iptunnel.observation.ObservedLink;
import dev.iptunnel.plan.Reason;
import dev.iptunnel.plan.Refusal;
import dev.iptunnel.tunnel.DesiredTunnel;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.ReversePathFilter;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;

/** The effect of the node's settings, together with those of the interface, on the packets of a tunnel. */
final class EffectiveSettings {
    private EffectiveSettings() {}

    /** The setting that stops packets which the spec allows. */
    static Optional<Refusal> obstacle(DesiredTunnel desired, ObservedLink link) {
        return ipv6Disabled(desired, link).or(() -> reversePathFilterOverridden(desired, link));
    }

    private static Optional<Refusal> ipv6Disabled(DesiredTunnel desired, ObservedLink link) {
        return desired.mode().inner() == IpFamily.IPV6 && link.settings().ipv6Disabled()
                ? Optional.of(new Refusal(
                        Reason.IPV6_DISABLED,
                        "net.ipv6.conf." + link.name() + ".disable_ipv6 is 1, so the kernel drops the tunnel's packets;"
                                + " set it to 0 (net.ipv6.conf.all.disable_ipv6 sets that of every interface)"))
                : Optional.empty();
    }

    private static Optional<Refusal> reversePathFilterOverridden(DesiredTunnel desired, ObservedLink link) {
        Optional<ReversePathFilter> effective = ofAll(link);
        return desired.reversePathFilter()
                .filter(asked -> effective
                        .filter(all -> all.overrides(asked) && all.isStricterThan(asked))
                        .isPresent())
                .map(asked -> new Refusal(
                        Reason.REVERSE_PATH_FILTER_OVERRIDDEN,
                        overridden(asked, effective.orElseThrow())
                                + ", so packets whose source the node routes elsewhere are dropped; set"
                                + " net.ipv4.conf.all.rp_filter to " + asked.number() + " on the node"
                                + (effective.equals(Optional.of(ReversePathFilter.STRICT))
                                        ? ", or write spec.reversePathFilter: Loose, which overrides it"
                                        : "")));
    }

    private static String overridden(ReversePathFilter asked, ReversePathFilter all) {
        return "net.ipv4.conf.all.rp_filter is " + all.number() + " (" + all + "), which overrides the "
                + asked.number() + " of the interface (spec.reversePathFilter: " + asked + ")";
    }

    /** What a user should know about a tunnel that works. */
    static List<String> remarks(DesiredTunnel desired, ObservedLink link) {
        return Stream.of(weakerFilter(desired, link), strictFilter(desired, link), routerAdvertisements(desired, link))
                .flatMap(Optional::stream)
                .toList();
    }

    private static Optional<String> weakerFilter(DesiredTunnel desired, ObservedLink link) {
        return desired.reversePathFilter().flatMap(asked -> ofAll(link)
                .filter(all -> all.overrides(asked) && !all.isStricterThan(asked))
                .map(all -> overridden(asked, all)));
    }

    private static Optional<String> strictFilter(DesiredTunnel desired, ObservedLink link) {
        boolean strict = number(link.reversePathFilter()) <= ReversePathFilter.STRICT.number()
                && Math.max(
                                number(link.reversePathFilter()),
                                number(link.settings().reversePathFilterOfAll()))
                        == ReversePathFilter.STRICT.number();
        return desired.mode().inner() == IpFamily.IPV4
                        && desired.reversePathFilter().isEmpty()
                        && strict
                ? Optional.of("the node's reverse path filter (net.ipv4.conf."
                        + (number(link.reversePathFilter()) == ReversePathFilter.STRICT.number() ? link.name() : "all")
                        + ".rp_filter is 1) drops packets whose source is not routed into the tunnel;"
                        + " spec.reversePathFilter: Loose accepts them")
                : Optional.empty();
    }

    private static Optional<String> routerAdvertisements(DesiredTunnel desired, ObservedLink link) {
        return desired.mode().inner() == IpFamily.IPV6 && link.settings().acceptsRouterAdvertisements()
                ? Optional.of("the kernel accepts router advertisements from the other end, which may add routes and"
                        + " addresses, and the agent cannot write net.ipv6.conf." + link.name() + ".accept_ra: give its"
                        + " pod the volume of deploy/base, or write 0 there on the node")
                : Optional.empty();
    }

    private static Optional<ReversePathFilter> ofAll(ObservedLink link) {
        return ReversePathFilter.ofNumber(number(link.settings().reversePathFilterOfAll()));
    }

    private static int number(OptionalInt setting) {
        return setting.orElse(0);
    }
}
