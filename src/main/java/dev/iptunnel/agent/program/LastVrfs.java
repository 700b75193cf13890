package dev.iptunnel.agent.program;

import dev.iptunnel.observation.Master;
import dev.iptunnel.observation.Observation;
import dev.iptunnel.observation.ObservedLink;
import dev.iptunnel.tunnel.DesiredTunnel;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The VRFs of tunnels whose objects ask for no VRF, and which somebody else put there. If somebody removes such a
 * tunnel, it is created again in the same VRF. Known to this process only.
 */
final class LastVrfs {
    private final Map<String, Last> byName = new ConcurrentHashMap<>();

    private record Last(String uid, String vrf) {}

    /**
     * Remembers the VRF of the tunnel.
     *
     * @return the VRF in which to create it again; empty while the tunnel exists
     */
    Optional<String> seen(Observation observed, DesiredTunnel desired) {
        String name = desired.mark().name();
        if (desired.vrf().isPresent()) {
            byName.remove(name);
            return Optional.empty();
        }
        if (observed.named().isEmpty() && observed.strays().isEmpty()) {
            return Optional.ofNullable(byName.get(name))
                    .filter(last -> last.uid().equals(desired.mark().uid()))
                    .map(Last::vrf);
        }
        Optional<String> vrf = observed.named()
                .filter(link -> link.mark().filter(desired.mark()::equals).isPresent())
                .flatMap(ObservedLink::master)
                .filter(master -> master.vrfTable().isPresent())
                .map(Master::name);
        vrf.ifPresentOrElse(
                there -> byName.put(name, new Last(desired.mark().uid(), there)), () -> byName.remove(name));
        return Optional.empty();
    }
}
