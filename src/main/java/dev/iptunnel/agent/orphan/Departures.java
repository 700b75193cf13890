package dev.iptunnel.agent.orphan;

import dev.iptunnel.agent.cluster.ApiLookups;
import dev.iptunnel.agent.cluster.DefinitionLookup;
import dev.iptunnel.agent.cluster.Identity;
import dev.iptunnel.agent.cluster.NodeTunnels;
import dev.iptunnel.agent.cluster.ObjectLookup;
import dev.iptunnel.agent.event.EventRecorder;
import dev.iptunnel.agent.program.Outcome;
import dev.iptunnel.agent.program.TunnelProgrammer;
import dev.iptunnel.api.v1alpha1.IpTunnel;
import dev.iptunnel.kernel.TunnelKernel;
import dev.iptunnel.plan.Reason;
import dev.iptunnel.plan.Refusal;
import dev.iptunnel.schedule.Clocks;
import dev.iptunnel.schedule.Sweeps;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.Optional;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Consumer;

/** What the reconciler needs for tunnels whose objects are gone. */
public final class Departures {
    private final DepartedTunnels departed;
    private final Deletions deletions;
    private final Orphans orphans;
    private final Sweeps sweeps;
    private final NodeTunnels tunnels;

    Departures(DepartedTunnels departed, Deletions deletions, Orphans orphans, Sweeps sweeps, NodeTunnels tunnels) {
        this.departed = departed;
        this.deletions = deletions;
        this.orphans = orphans;
        this.sweeps = sweeps;
        this.tunnels = tunnels;
    }

    /**
     * Assembles the parts.
     *
     * @param later for tasks that wait for the API server
     * @param guard runs a task and logs its exceptions
     * @param released receives the name of each object whose tunnel is held from now on
     */
    public static Departures of(
            TunnelKernel kernel,
            KubernetesClient client,
            Identity identity,
            NodeTunnels tunnels,
            TunnelProgrammer programmer,
            EventRecorder events,
            Clocks clocks,
            ScheduledExecutorService later,
            Consumer<Runnable> guard,
            Consumer<String> released) {
        ApiLookups lookups = new ApiLookups(new ObjectLookup(client), new DefinitionLookup(client));
        DepartedTunnels departed = new DepartedTunnels(clocks.steady());
        Removals removals = new Removals(programmer, tunnels, events);
        Orphans orphans = new Orphans(kernel, lookups, tunnels, departed, removals, events, identity, clocks, released);
        return new Departures(
                departed,
                new Deletions(kernel, lookups, tunnels, departed, removals, orphans, identity, later),
                orphans,
                new Sweeps(later, () -> guard.accept(orphans::sweep)),
                tunnels);
    }

    /** The SDK has to listen to this. */
    public DepartedTunnels departed() {
        return departed;
    }

    /** Looks for orphans soon. */
    public void look() {
        sweeps.request();
    }

    /** The number of tunnels that are kept for a while although their object seems to be gone. */
    public int held() {
        return orphans.held();
    }

    /** The number of tunnels with a mark of another manager, or of an object of another node. */
    public int leftAlone() {
        return orphans.leftAlone();
    }

    /** The deletion was seen on the watch. */
    public void seen(IpTunnel tunnel) {
        deletions.seen(tunnel);
    }

    /** A list lacks the object; its deletion was not seen. */
    public void missed(IpTunnel tunnel) {
        departed.remember(tunnel);
        sweeps.request();
    }

    /**
     * Marks a conflict as temporary if it is with the tunnel of an object that is gone: the agent will remove that
     * tunnel.
     */
    public Outcome awaited(Outcome outcome) {
        return outcome.notProgrammed()
                .filter(refusal -> refusal.reason() == Reason.INTERFACE_NAME_CONFLICT
                        || refusal.reason() == Reason.ENDPOINT_CONFLICT)
                .flatMap(this::awaited)
                .map(outcome::but)
                .orElse(outcome);
    }

    private Optional<Refusal> awaited(Refusal refusal) {
        return refusal.rival()
                .filter(rival -> tunnels.isListed() && tunnels.byName(rival).isEmpty())
                .flatMap(rival -> {
                    if (!orphans.isHeld(rival)) {
                        sweeps.request();
                    }
                    return orphans.whyStillThere(rival).map(refusal::passing);
                });
    }
}
