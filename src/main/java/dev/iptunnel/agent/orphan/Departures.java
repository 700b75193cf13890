package dev.iptunnel.agent.orphan;

import dev.iptunnel.agent.cluster.NodeTunnels;
import dev.iptunnel.agent.program.Outcome;
import dev.iptunnel.agent.schedule.Sweeps;
import dev.iptunnel.api.v1alpha1.IpTunnel;
import dev.iptunnel.plan.Reason;
import dev.iptunnel.plan.Refusal;
import java.util.Optional;

/** What becomes of the tunnels whose objects go, as far as the objects' reconciliation has to do with it. */
public final class Departures {
    private final DepartedTunnels departed;
    private final Deletions deletions;
    private final Orphans orphans;
    private final Sweeps sweeps;
    private final NodeTunnels tunnels;

    public Departures(
            DepartedTunnels departed, Deletions deletions, Orphans orphans, Sweeps sweeps, NodeTunnels tunnels) {
        this.departed = departed;
        this.deletions = deletions;
        this.orphans = orphans;
        this.sweeps = sweeps;
        this.tunnels = tunnels;
    }

    public DepartedTunnels departed() {
        return departed;
    }

    /** The watch told of the deletion. */
    public void seen(IpTunnel tunnel) {
        deletions.seen(tunnel);
    }

    /** A list lacks the object. */
    public void missed(IpTunnel tunnel) {
        departed.remember(tunnel);
        sweeps.request();
    }

    /** Where the tunnel of an object that is gone is in the way, nobody has to act: it goes by itself. */
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
