package dev.iptunnel.agent;

import dev.iptunnel.kernel.TunnelKernel;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ScheduledExecutorService;

/** What sees off the tunnels of objects that are gone, for tests. */
final class Departing {
    final DepartedTunnels departed;
    /** The names of the objects whose tunnels are held. */
    final List<String> held = new CopyOnWriteArrayList<>();

    final Orphans orphans;

    private final TunnelKernel kernel;
    private final NodeTunnels tunnels;
    private final Identity identity;
    private final ApiLookups lookups;
    private final Removals removals;

    Departing(
            TunnelKernel kernel,
            TunnelProgrammer programmer,
            KubernetesClient client,
            NodeTunnels tunnels,
            EventRecorder events,
            Identity identity,
            Clocks clocks) {
        this.kernel = kernel;
        this.tunnels = tunnels;
        this.identity = identity;
        departed = new DepartedTunnels(clocks.steady());
        lookups = new ApiLookups(new ObjectLookup(client), new DefinitionLookup(client));
        removals = new Removals(programmer, tunnels, events);
        orphans = new Orphans(kernel, lookups, tunnels, departed, removals, events, identity, clocks, held::add);
    }

    Deletions deletions(ScheduledExecutorService later) {
        return new Deletions(kernel, lookups, tunnels, departed, removals, orphans, identity, later);
    }

    Departures departures(ScheduledExecutorService later) {
        return new Departures(departed, deletions(later), orphans, new Sweeps(later, orphans::sweep), tunnels);
    }
}
