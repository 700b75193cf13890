package dev.iptunnel.command;

import dev.iptunnel.agent.program.Look;
import dev.iptunnel.kernel.KernelException;
import dev.iptunnel.kernel.TunnelKernel;
import dev.iptunnel.kernel.inventory.PresentTunnel;
import dev.iptunnel.manifest.NodeManifests;
import dev.iptunnel.manifest.NodeManifests.Wanted;
import dev.iptunnel.plan.Refusal;
import dev.iptunnel.planner.Claims;
import dev.iptunnel.show.ShownTunnel;
import dev.iptunnel.show.Sync;
import dev.iptunnel.tunnel.DesiredTunnel;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** Compares what is asked for with what the kernel holds, and changes nothing. */
public final class GetRun {
    private final TunnelKernel kernel;
    private final ClusterOwned clusterOwned;

    /** @param clusterOwned forced: the tunnels of a cluster are compared as well */
    public GetRun(TunnelKernel kernel, ClusterOwned clusterOwned) {
        this.kernel = kernel;
        this.clusterOwned = clusterOwned;
    }

    /** All tunnels that are present or asked for, in the order of their names. */
    public List<ShownTunnel> compare(List<PresentTunnel> present, NodeManifests asked) {
        NodeManifests manifests =
                clusterOwned.adapted(asked, desired -> find(present, desired).map(PresentTunnel::link));
        Map<Integer, PresentTunnel> unasked = new HashMap<>();
        present.forEach(tunnel -> unasked.put(tunnel.link().index(), tunnel));
        Claims claims = manifests.claims();
        List<ShownTunnel> shown = new ArrayList<>();
        for (Wanted wanted : manifests.wanted()) {
            Optional<PresentTunnel> found = find(present, wanted.desired());
            DesiredTunnel desired = wanted.desired();
            found.ifPresent(tunnel -> unasked.remove(tunnel.link().index()));
            shown.add(new ShownTunnel(
                    found.map(tunnel -> tunnel.link().name()).orElse(desired.interfaceName()),
                    Optional.of(wanted.name()),
                    found,
                    Optional.of(desired),
                    Optional.of(sync(desired, claims))));
        }
        unasked.values().forEach(tunnel -> shown.add(ShownTunnel.of(tunnel)));
        shown.sort(Comparator.comparing(ShownTunnel::name));
        return shown;
    }

    /** The tunnel of that name, or one of another name that carries the mark. */
    private static Optional<PresentTunnel> find(List<PresentTunnel> present, DesiredTunnel desired) {
        return present.stream()
                .filter(tunnel -> tunnel.link().name().equals(desired.interfaceName()))
                .findFirst()
                .or(() -> present.stream()
                        .filter(tunnel -> tunnel.link().hasMarkOf(desired))
                        .findFirst());
    }

    private Sync sync(DesiredTunnel desired, Claims claims) {
        try {
            return Sync.of(Look.at(desired, kernel.observe(desired), OptionalInt.empty(), claims));
        } catch (KernelException e) {
            return Sync.refused(new Refusal(e.reason(), e.detail()));
        }
    }
}
