package dev.iptunnel.agent.confirm;

import dev.iptunnel.agent.program.Trial;
import dev.iptunnel.confirm.Hazard;
import dev.iptunnel.confirm.HeldTunnel;
import dev.iptunnel.kernel.Heartbeat;
import dev.iptunnel.kernel.KernelException;
import dev.iptunnel.kernel.TunnelKernel;
import dev.iptunnel.observation.EgressPath;
import dev.iptunnel.observation.Observation;
import dev.iptunnel.plan.Plan;
import dev.iptunnel.plan.Reason;
import dev.iptunnel.plan.Refusal;
import dev.iptunnel.tunnel.DesiredTunnel;
import dev.iptunnel.tunnel.Mark;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One change of a tunnel that may cut the node off from the API server. It is watched if the API server answers before it;
 * otherwise its silence afterwards says nothing. Afterwards one answer confirms the change. Silence is the change's fault
 * only if the way to the API server changed, or leads through what was changed.
 */
final class Probation implements Trial {
    private static final Logger log = LoggerFactory.getLogger(Probation.class);
    private static final int FEWEST_TRIES = 5;

    private final long generation;
    private final TunnelKernel kernel;
    private final ApiServerAnswers answers;
    private final ChangeJournal journal;
    private @Nullable Started started;

    Probation(long generation, TunnelKernel kernel, ApiServerAnswers answers, ChangeJournal journal) {
        this.generation = generation;
        this.kernel = kernel;
        this.answers = answers;
        this.journal = journal;
    }

    private record Started(
            DesiredTunnel desired,
            Set<InetSocketAddress> servers,
            List<EgressPath> paths,
            HeldTunnel held,
            StoredChange stored) {
        Set<InetAddress> addresses() {
            return addressesOf(servers);
        }

        String serversInWords() {
            return servers.stream().map(ApiServerAnswers::text).sorted().collect(Collectors.joining(", "));
        }
    }

    private static Set<InetAddress> addressesOf(Set<InetSocketAddress> servers) {
        return servers.stream().map(InetSocketAddress::getAddress).collect(Collectors.toSet());
    }

    @Override
    public void before(DesiredTunnel desired, Observation observed, Plan plan) {
        Set<InetSocketAddress> servers = answers.servers();
        if (started != null || servers.isEmpty()) {
            return;
        }
        boolean hasRoute = Hazard.hasRouteTo(plan, addressesOf(servers));
        if (!hasRoute && !Hazard.changesInterface(plan)) {
            return;
        }
        List<EgressPath> paths = kernel.egress(addressesOf(servers));
        if (hasRoute || Hazard.isOnPath(plan, paths)) {
            start(desired, observed, servers, paths);
        }
    }

    private void start(
            DesiredTunnel desired, Observation observed, Set<InetSocketAddress> servers, List<EgressPath> paths) {
        Mark mark = desired.mark();
        if (!answers.oneOf(servers)) {
            log.atWarn()
                    .addKeyValue("tunnel", mark.name())
                    .log(
                            "the API server does not answer before the change, so the change is not undone if it is harmful");
            return;
        }
        HeldTunnel held = HeldTunnel.of(desired, observed, kernel::nameOf);
        StoredChange stored = journal.begin(mark, generation, servers, answers.patience(), held);
        started = new Started(desired, servers, paths, held, stored);
    }

    @Override
    public Optional<Undo> after(List<Plan> executed, boolean failed) {
        if (started == null) {
            return Optional.empty();
        }
        Started change = started;
        Instant end = answers.now().plus(answers.patience());
        for (int tries = 1; tries <= FEWEST_TRIES || answers.now().isBefore(end); tries++) {
            boolean answered = answers.oneOf(change.servers());
            Heartbeat.progress();
            if (answered) {
                journal.confirmed(change.stored());
                return Optional.empty();
            }
            if (isBlameless(change, executed)) {
                log.atWarn()
                        .addKeyValue("tunnel", change.desired().mark().name())
                        .log(
                                "the API server does not answer, but the change is not the reason: the way to it is as before");
                journal.confirmed(change.stored());
                return Optional.empty();
            }
            if (failed) {
                break;
            }
        }
        return Optional.of(undo(change, failed));
    }

    private boolean isBlameless(Started change, List<Plan> executed) {
        try {
            return Hazard.isBlameless(executed, change.paths(), kernel.egress(change.addresses()));
        } catch (KernelException unreadable) {
            log.atDebug().setCause(unreadable).log("the way to the API server cannot be looked up");
            return false;
        }
    }

    private Undo undo(Started change, boolean failed) {
        String cut = "generation " + generation + " cut the node off from the API server (" + change.serversInWords()
                + (failed
                        ? " did not answer, and the change failed"
                        : " did not answer for " + answers.patience().toSeconds() + " s")
                + ")";
        String message =
                switch (change.held()) {
                    case HeldTunnel.Tunnel _ ->
                        cut + " and was undone; the tunnel is as before, until the spec changes";
                    case HeldTunnel.Nothing _ -> cut + " and was undone; there is no tunnel until the spec changes";
                    case HeldTunnel.Inexpressible _ ->
                        cut + "; the tunnel before cannot be restored, so it was removed until the spec changes";
                };
        journal.rolledBack(change.stored(), message, failed ? Cause.PLAN_FAILED : Cause.SILENT);
        Optional<DesiredTunnel> held =
                change.held() instanceof HeldTunnel.Tunnel(var tunnel) ? Optional.of(tunnel) : Optional.empty();
        return new Undo(held, new Refusal(Reason.ROLLED_BACK, message));
    }
}
