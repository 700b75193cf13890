package dev.iptunnel.diagnosis;

import dev.iptunnel.observation.Detour;
import dev.iptunnel.observation.ObservedLink;
import dev.iptunnel.plan.Decision;
import dev.iptunnel.plan.Refusal;
import dev.iptunnel.tunnel.DesiredTunnel;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.TunnelDriver;
import dev.iptunnel.tunnel.TunnelParameters;
import java.util.List;
import java.util.Optional;

/**
 * Everything that was read of one tunnel and of its node.
 *
 * @param name of the interface
 * @param desired what is asked for, if a file or the API server says it
 * @param decision what the planner would do for it
 * @param obstacle why the status would say that it is not ready
 * @param link the interface of the name, with its addresses, routes and master
 * @param strays the names of interfaces that carry the mark of the desired tunnel
 * @param parameters of the interface, or else those that are asked for
 * @param parent empty if the tunnel is bound to none and the outer route has no device
 * @param others the other tunnels of the driver
 * @param detours of packets to the destinations of its routes
 */
public record TunnelFacts(
        String name,
        Optional<DesiredTunnel> desired,
        Optional<Decision> decision,
        Optional<Refusal> obstacle,
        Optional<ObservedLink> link,
        List<String> strays,
        Optional<TunnelParameters> parameters,
        Optional<DriverFacts> driver,
        Optional<ParentFacts> parent,
        LocalFacts local,
        WayFacts way,
        List<ObservedLink> others,
        List<Detour> detours,
        NodeSettings node) {
    public TunnelFacts {
        strays = List.copyOf(strays);
        others = List.copyOf(others);
        detours = List.copyOf(detours);
    }

    /** Whether it carries packets of the family; some tunnels carry both. */
    boolean carries(IpFamily family) {
        return parameters
                .filter(family == IpFamily.IPV4 ? TunnelProtocols::carryIpv4 : TunnelProtocols::carryIpv6)
                .isPresent();
    }

    boolean isOver(IpFamily family) {
        return parameters.map(TunnelParameters::driver).map(TunnelDriver::outer).equals(Optional.of(family));
    }

    /** Whether the spec asks for it to be down. */
    boolean isMeantToBeDown() {
        return desired.filter(tunnel -> !tunnel.up()).isPresent();
    }
}
