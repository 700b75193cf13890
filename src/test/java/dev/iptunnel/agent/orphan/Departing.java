package dev.iptunnel.agent.orphan;

import dev.iptunnel.agent.cluster.ApiLookups;
import dev.iptunnel.agent.cluster.DefinitionLookup;
import dev.iptunnel.agent.cluster.Identity;
import dev.iptunnel.agent.cluster.NodeTunnels;
import dev.iptunnel.agent.cluster.ObjectLookup;
import dev.iptunnel.agent.event.EventRecorder;
import dev.iptunnel.agent.program.TunnelProgrammer;
import dev.iptunnel.kernel.TunnelKernel;
import dev.iptunnel.schedule.Clocks;
import dev.iptunnel.schedule.Sweeps;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ScheduledExecutorService;

/** The parts that remove tunnels of objects that are gone, for tests. */
public final class Departing {
    final DepartedTunnels departed;
    /** The names of the objects whose tunnels are held. */
    final List<String> held = new CopyOnWriteArrayList<>();

    final Orphans orphans;

    private final TunnelKernel kernel;
    private final NodeTunnels tunnels;
    private final Identity identity;
    private final ApiLookups lookups;
    private final Removals removals;

    public Departing(
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

    public Departures departures(ScheduledExecutorService later) {
        return new Departures(departed, deletions(later), orphans, new Sweeps(later, orphans::sweep), tunnels);
    }
}
