package dev.iptunnel.agent.reconcile;

import dev.iptunnel.agent.cluster.NodeTunnels;
import dev.iptunnel.agent.confirm.ChangeTrials;
import dev.iptunnel.agent.event.EventRecorder;
import dev.iptunnel.agent.health.AgentMetrics;
import dev.iptunnel.agent.orphan.Departures;
import dev.iptunnel.agent.probe.Prober;
import dev.iptunnel.agent.program.Outcome;
import dev.iptunnel.agent.program.TunnelProgrammer;
import dev.iptunnel.agent.sdk.NewObjects;
import dev.iptunnel.agent.sdk.Reminders;
import dev.iptunnel.agent.spec.DesiredTunnels;
import dev.iptunnel.api.v1alpha1.IpTunnel;
import dev.iptunnel.api.v1alpha1.IpTunnelStatus;
import dev.iptunnel.probe.Reachability;
import dev.iptunnel.schedule.Clocks;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ErrorStatusUpdateControl;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the kernel hold what one IpTunnel of this node asks for, and writes the kernel's state to its status. This type
 * defines the order: program, judge, report, remember, wake other tunnels, write the status.
 */
public final class IpTunnelReconciler implements Reconciler<IpTunnel> {
    private static final Logger log = LoggerFactory.getLogger(IpTunnelReconciler.class);
    private static final Duration FIRST_RETRY = Duration.ofSeconds(1);
    private static final int MOST_DOUBLINGS = 6;

    private final String nodeName;
    private final NodeTunnels tunnels;
    private final ObjectProgrammer programmer;
    private final DeletedObjects deletedObjects;
    private final Rivals rivals;
    private final Probes probes;
    private final StatusBuilder statuses;
    private final Statuses writer;
    private final Announcements announcements;
    private final TunnelRegistry registry;
    private final Turns turns;
    private final InstantSource steady;

    private IpTunnelReconciler(
            String nodeName,
            NodeTunnels tunnels,
            ObjectProgrammer programmer,
            DeletedObjects deletedObjects,
            Rivals rivals,
            Probes probes,
            StatusBuilder statuses,
            Statuses writer,
            Announcements announcements,
            TunnelRegistry registry,
            Turns turns,
            InstantSource steady) {
        this.nodeName = nodeName;
        this.tunnels = tunnels;
        this.programmer = programmer;
        this.deletedObjects = deletedObjects;
        this.rivals = rivals;
        this.probes = probes;
        this.statuses = statuses;
        this.writer = writer;
        this.announcements = announcements;
        this.registry = registry;
        this.turns = turns;
        this.steady = steady;
    }

    /**
     * Assembles a reconciler.
     *
     * @param prober probes the tunnels whose objects ask for it
     * @param writer takes each status
     * @param metrics to count repairs
     * @param reminders to reconcile a tunnel again later
     */
    public static IpTunnelReconciler of(
            String nodeName,
            NodeTunnels tunnels,
            DesiredTunnels desiredTunnels,
            TunnelProgrammer programmer,
            Departures departures,
            ChangeTrials trials,
            Prober prober,
            TunnelRegistry registry,
            KernelEventSource kernelEvents,
            Statuses writer,
            EventRecorder events,
            AgentMetrics metrics,
            Reminders reminders,
            Clocks clocks) {
        Turns turns = new Turns(registry, kernelEvents, reminders);
        Rivals rivals = new Rivals(registry, desiredTunnels, tunnels, turns);
        NewObjects newObjects = new NewObjects(tunnel -> tunnels.holds(tunnel) && !registry.knows(tunnel));
        Announcements announcements = new Announcements(events, metrics);
        Probes probes = new Probes(prober);
        return new IpTunnelReconciler(
                nodeName,
                tunnels,
                new ObjectProgrammer(programmer, desiredTunnels, tunnels, departures, trials, rivals, announcements),
                new DeletedObjects(tunnels, departures, registry, probes, turns, rivals, newObjects),
                rivals,
                probes,
                new StatusBuilder(clocks.wall()),
                writer,
                announcements,
                registry,
                turns,
                clocks.steady());
    }

    @Override
    public List<EventSource<?, IpTunnel>> prepareEventSources(EventSourceContext<IpTunnel> context) {
        tunnels.readFrom(context.getPrimaryCache());
        return Stream.concat(Stream.of(turns.eventSource()), deletedObjects.eventSources().stream())
                .toList();
    }

    @Override
    public UpdateControl<IpTunnel> reconcile(IpTunnel tunnel, Context<IpTunnel> context) {
        if (!nodeName.equals(tunnel.getSpec().nodeName())) {
            log.atError()
                    .addKeyValue("tunnel", tunnel.getMetadata().getName())
                    .log(
                            "ignored: the API server sent an IpTunnel of node {}",
                            tunnel.getSpec().nodeName());
            return UpdateControl.noUpdate();
        }
        if (context.isPrimaryResourceDeleted()) {
            deletedObjects.deleted(tunnel, context.isPrimaryResourceFinalStateUnknown());
            return UpdateControl.noUpdate();
        }
        return turns.look(tunnel, () -> look(tunnel));
    }

    /**
     * Handles a look that ended by an exception. The SDK must not retry it: if a deletion and then another event arrived
     * meanwhile, its retry would forget the deletion.
     */
    @Override
    public ErrorStatusUpdateControl<IpTunnel> updateErrorStatus(
            IpTunnel tunnel, Context<IpTunnel> context, Exception failure) {
        RegistryEntry entry = registry.entry(tunnel).failed();
        registry.update(tunnel, entry);
        log.atWarn()
                .addKeyValue("tunnel", tunnel.getMetadata().getName())
                .setCause(failure)
                .log("not reconciled, will retry");
        turns.remind(tunnel.getMetadata().getName(), pause(entry.failures()));
        return ErrorStatusUpdateControl.<IpTunnel>noStatusUpdate().withNoRetry();
    }

    private static Duration pause(int failures) {
        return FIRST_RETRY.multipliedBy(1L << Math.min(failures, MOST_DOUBLINGS));
    }

    private UpdateControl<IpTunnel> look(IpTunnel tunnel) {
        String name = tunnel.getMetadata().getName();
        RegistryEntry entry = registry.entry(tunnel);
        long generation = tunnel.getMetadata().getGeneration();
        Instant now = steady.instant();
        turns.forget(name);
        if (entry.drift().isHeld(generation, now)) {
            turns.remind(name, entry.drift().contention().heldFor(now));
            return UpdateControl.noUpdate();
        }
        long changes = rivals.changes();
        IpTunnelStatus current = entry.written().current(tunnel, now);
        boolean silent = probes.isSilent(tunnel, current.conditions());
        Outcome done = programmer.program(tunnel, entry.drift().ifindex(), silent, () -> registry.beginRead(tunnel));
        Verdict verdict = Verdict.of(entry.drift(), generation, done, now, pause(entry.failures()));
        announcements.done(tunnel, verdict.outcome(), entry.drift(), verdict.repaired());
        if (verdict.isSuperseded()) {
            turns.again(List.of(name));
            return UpdateControl.noUpdate();
        }
        Optional<Reachability> reachability = probes.reachability(tunnel, verdict.outcome(), current.conditions());
        IpTunnelStatus status = statuses.build(generation, verdict.outcome(), reachability, current.conditions());
        announcements.refused(tunnel, verdict.outcome(), current);
        registry.update(tunnel, entry.after(tunnel, status, verdict.outcome(), verdict.drift(), now));
        if (entry.written().isWritten(tunnel, status, now)) {
            writer.confirm(tunnel, status);
        } else {
            writer.write(tunnel, status);
        }
        rivals.lookedAt(tunnel, verdict.outcome(), current, changes);
        verdict.again().ifPresent(delay -> turns.remind(name, delay));
        return UpdateControl.noUpdate();
    }
}
