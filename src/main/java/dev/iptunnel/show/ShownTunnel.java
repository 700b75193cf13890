package dev.iptunnel.show;

import dev.iptunnel.kernel.inventory.PresentTunnel;
import dev.iptunnel.tunnel.DesiredTunnel;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.TunnelMode;
import dev.iptunnel.tunnel.TunnelParameters;
import java.util.Optional;

/**
 * A tunnel to show: one that the kernel holds, or one that is only asked for, or both.
 *
 * @param name the interface's
 * @param object the name of the IpTunnel that asks for it; empty if none does
 */
public record ShownTunnel(
        String name,
        Optional<String> object,
        Optional<PresentTunnel> present,
        Optional<DesiredTunnel> desired,
        Optional<Sync> sync) {
    /** One that nobody asks for, as far as it is known. */
    public static ShownTunnel of(PresentTunnel tunnel) {
        return new ShownTunnel(
                tunnel.link().name(), Optional.empty(), Optional.of(tunnel), Optional.empty(), Optional.empty());
    }

    /** Whether its interface or its IpTunnel has that name. */
    public boolean isNamed(String wanted) {
        return name.equals(wanted)
                || object.filter(wanted::equals).isPresent()
                || present.filter(tunnel -> tunnel.isNamed(wanted)).isPresent()
                || present.flatMap(tunnel -> tunnel.link().mark())
                        .filter(mark -> mark.name().equals(wanted))
                        .isPresent();
    }

    /** The mode as ip-tunnel(8) names it; {@code any} if it carries every protocol. */
    String mode() {
        return parameters()
                .map(ShownTunnel::mode)
                .or(() -> desired.map(tunnel -> tunnel.mode().toString()))
                .orElse("");
    }

    static String mode(TunnelParameters parameters) {
        return TunnelMode.of(parameters.driver(), parameters.protocol())
                .map(TunnelMode::toString)
                .orElse(parameters.protocol() == 0 ? "any" : "protocol " + parameters.protocol());
    }

    String local() {
        return parameters()
                .map(tunnel -> IpFamily.formatEndpoint(tunnel.local()))
                .orElse("");
    }

    String remote() {
        return parameters()
                .map(TunnelParameters::remote)
                .or(() -> desired.map(DesiredTunnel::remote))
                .map(IpFamily::formatEndpoint)
                .orElse("");
    }

    /** The name of the parent, or its ifindex where there is no such interface here; empty without one. */
    String parent() {
        return present.map(ShownTunnel::parent)
                .or(() -> desired.flatMap(DesiredTunnel::parent))
                .orElse("");
    }

    private static String parent(PresentTunnel tunnel) {
        int index = tunnel.link().tunnel().map(TunnelParameters::parent).orElse(0);
        return index == 0 ? "" : tunnel.parent().orElse("if" + index + (tunnel.elsewhere() ? "@other-netns" : "@gone"));
    }

    /** The parameters in the driver; empty while it is missing. */
    Optional<TunnelParameters> parameters() {
        return present.flatMap(tunnel -> tunnel.link().tunnel());
    }
}
