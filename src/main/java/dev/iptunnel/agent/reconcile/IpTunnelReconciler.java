package dev.iptunnel.agent.reconcile;

import dev.iptunnel.agent.cluster.NodeTunnels;
import dev.iptunnel.agent.event.EventRecorder;
import dev.iptunnel.agent.health.AgentMetrics;
import dev.iptunnel.agent.orphan.Departures;
import dev.iptunnel.agent.program.Contention;
import dev.iptunnel.agent.program.Demands;
import dev.iptunnel.agent.program.Drift;
import dev.iptunnel.agent.program.Outcome;
import dev.iptunnel.agent.program.TunnelProgrammer;
import dev.iptunnel.agent.schedule.Reminders;
import dev.iptunnel.agent.spec.DesiredTunnels;
import dev.iptunnel.agent.spec.InvalidSpecException;
import dev.iptunnel.api.v1alpha1.ConditionType;
import dev.iptunnel.api.v1alpha1.IpTunnel;
import dev.iptunnel.api.v1alpha1.IpTunnelStatus;
import dev.iptunnel.plan.Refusal;
import dev.iptunnel.planner.Claims;
import dev.iptunnel.readiness.Readiness;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ErrorStatusUpdateControl;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Brings the kernel to what one IpTunnel of this node asks for, and its status to what the kernel has. */
public final class IpTunnelReconciler implements Reconciler<IpTunnel> {
    private static final Logger log = LoggerFactory.getLogger(IpTunnelReconciler.class);
    private static final Duration FIRST_RETRY = Duration.ofSeconds(1);
    private static final int MOST_DOUBLINGS = 6;

    private final String nodeName;
    private final TunnelProgrammer programmer;
    private final DesiredTunnels desiredTunnels;
    private final Departures departures;
    private final StatusBuilder statuses;
    private final EventRecorder events;
    private final TunnelRegistry registry;
    private final KernelEventSource kernelEvents;
    private final NodeTunnels tunnels;
    private final AgentMetrics metrics;
    private final Reminders reminders;
    private final InstantSource steady;

    public IpTunnelReconciler(
            String nodeName,
            TunnelProgrammer programmer,
            DesiredTunnels desiredTunnels,
            Departures departures,
            StatusBuilder statuses,
            EventRecorder events,
            TunnelRegistry registry,
            KernelEventSource kernelEvents,
            NodeTunnels tunnels,
            AgentMetrics metrics,
            Reminders reminders,
            InstantSource steady) {
        this.nodeName = nodeName;
        this.programmer = programmer;
        this.desiredTunnels = desiredTunnels;
        this.departures = departures;
        this.statuses = statuses;
        this.events = events;
        this.registry = registry;
        this.kernelEvents = kernelEvents;
        this.tunnels = tunnels;
        this.metrics = metrics;
        this.reminders = reminders;
        this.steady = steady;
    }

    @Override
    public List<EventSource<?, IpTunnel>> prepareEventSources(EventSourceContext<IpTunnel> context) {
        tunnels.readFrom(context.getPrimaryCache());
        return List.of(kernelEvents, departures.departed());
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
        return context.isPrimaryResourceDeleted()
                ? deleted(tunnel, context.isPrimaryResourceFinalStateUnknown())
                : present(tunnel);
    }

    /** With what is done here the SDK forgets the name, and what came for it meanwhile: a successor has a turn of its own. */
    private UpdateControl<IpTunnel> deleted(IpTunnel tunnel, boolean missedOnWatch) {
        String name = tunnel.getMetadata().getName();
        registry.forget(tunnel);
        reminders.forget(name);
        Optional<IpTunnel> successor = tunnels.byName(name);
        if (successor.isPresent()) {
            kernelEvents.reconcileSuccessor(successor.get());
            return UpdateControl.noUpdate();
        }
        if (missedOnWatch) {
            // Found missing by a list: it may be the list that is wrong.
            departures.missed(tunnel);
        } else {
            departures.seen(tunnel);
        }
        kernelEvents.reconcile(registry.refusedFor(name));
        return UpdateControl.noUpdate();
    }

    /**
     * The status was not written. No exception is left to the SDK: where a deletion and another event came meanwhile, it
     * forgets the deletion over its retry.
     */
    @Override
    public ErrorStatusUpdateControl<IpTunnel> updateErrorStatus(
            IpTunnel tunnel, Context<IpTunnel> context, Exception failure) {
        TunnelRegistry.Entry entry = registry.entry(tunnel).notWritten();
        registry.update(tunnel, entry);
        log.atWarn()
                .addKeyValue("tunnel", tunnel.getMetadata().getName())
                .log("status not written, it is tried again: {}", failure.getMessage());
        reminders.remind(tunnel.getMetadata().getName(), pause(entry.unwritten()));
        return ErrorStatusUpdateControl.<IpTunnel>noStatusUpdate().withNoRetry();
    }

    private static Duration pause(int failures) {
        return FIRST_RETRY.multipliedBy(1L << Math.min(failures, MOST_DOUBLINGS));
    }

    /** What an event concerns is known after the look: one that came during it may have been for this tunnel. */
    private UpdateControl<IpTunnel> present(IpTunnel tunnel) {
        registry.beginLook(tunnel);
        try {
            return look(tunnel);
        } finally {
            if (registry.endLook(tunnel)) {
                kernelEvents.reconcile(List.of(tunnel.getMetadata().getName()));
            }
        }
    }

    private UpdateControl<IpTunnel> look(IpTunnel tunnel) {
        String name = tunnel.getMetadata().getName();
        TunnelRegistry.Entry entry = registry.entry(tunnel);
        long generation = tunnel.getMetadata().getGeneration();
        Instant now = steady.instant();
        reminders.forget(name);
        if (entry.drift().isHeld(generation, now) && entry.unwritten() == 0) {
            reminders.remind(name, entry.drift().contention().heldFor(now));
            return UpdateControl.noUpdate();
        }
        Claims claims = desiredTunnels.claims();
        Outcome done = program(tunnel, entry.drift().ifindex());
        boolean repaired = entry.drift().isRepair(generation, done);
        if (done.extent() == Outcome.Extent.SUPERSEDED) {
            tell(tunnel, done, repaired);
            kernelEvents.reconcile(List.of(name));
            return UpdateControl.noUpdate();
        }
        Drift drift = entry.drift().after(generation, done, now);
        Contention contention = drift.contention();
        Outcome outcome = contention.isContended() && done.settled()
                ? done.but(contention.refusal(done.notProgrammed()))
                : departures.awaited(done);
        IpTunnelStatus current = entry.written().current(tunnel, now);
        IpTunnelStatus status = statuses.build(generation, outcome, current.conditions());
        tell(tunnel, outcome, repaired);
        tellRefusal(tunnel, outcome, current);
        registry.update(tunnel, entry.after(tunnel, status, outcome, drift, now));
        giveOthersTheirTurn(tunnel, outcome, current, claims);
        remind(name, entry, done, contention, now);
        return entry.written().isWritten(tunnel, status, now)
                ? UpdateControl.noUpdate()
                : UpdateControl.patchStatus(patch(tunnel, status));
    }

    /** Of what is left to do, and of the end of a fight. */
    private void remind(String name, TunnelRegistry.Entry before, Outcome done, Contention contention, Instant now) {
        Optional<Duration> retry = done.programmed() ? Optional.empty() : Optional.of(pause(before.failures()));
        Optional<Duration> quiet = contention.isContended() ? Optional.of(contention.quietIn(now)) : Optional.empty();
        Stream.of(retry, quiet)
                .flatMap(Optional::stream)
                .min(Comparator.naturalOrder())
                .ifPresent(delay -> reminders.remind(name, delay));
    }

    private Outcome program(IpTunnel tunnel, OptionalInt ifindex) {
        Set<String> displaced = new HashSet<>();
        try {
            return programmer.program(desiredTunnels.of(tunnel), ifindex, demandsOf(tunnel), plan -> {
                events.interrupts(tunnel, plan);
                plan.displaced().forEach(other -> displaced.add(other.owner().name()));
            });
        } catch (InvalidSpecException e) {
            return Outcome.invalid(e);
        } finally {
            kernelEvents.reconcile(displaced);
        }
    }

    private Demands demandsOf(IpTunnel tunnel) {
        return new Demands() {
            @Override
            public Claims claims() {
                return desiredTunnels.claims();
            }

            @Override
            public boolean isCurrent() {
                return tunnels.isCurrent(tunnel);
            }
        };
    }

    /** What an object asks for no longer is another's, whether the kernel tells of it or not. */
    private void giveOthersTheirTurn(IpTunnel tunnel, Outcome outcome, IpTunnelStatus before, Claims claims) {
        String name = tunnel.getMetadata().getName();
        if (!Objects.equals(before.observedGeneration(), tunnel.getMetadata().getGeneration())) {
            kernelEvents.reconcile(registry.refusedFor(name));
        }
        // A rival that changed meanwhile may have been done before this one was known to wait for it.
        if (outcome.notProgrammed().flatMap(Refusal::rival).isPresent()
                && !desiredTunnels.claims().equals(claims)) {
            kernelEvents.reconcile(List.of(name));
        }
    }

    /** Of what was done, whether it was all or not. */
    private void tell(IpTunnel tunnel, Outcome outcome, boolean repaired) {
        if (repaired) {
            metrics.repaired();
            outcome.executed().forEach(plan -> events.repaired(tunnel, plan));
        } else {
            outcome.executed().forEach(plan -> events.executed(tunnel, plan));
        }
    }

    private void tellRefusal(IpTunnel tunnel, Outcome outcome, IpTunnelStatus before) {
        outcome.notProgrammed()
                .or(() -> stalling(outcome))
                .filter(refusal -> !alreadySaid(refusal, before))
                .ifPresent(refusal -> events.refused(tunnel, refusal));
    }

    /** Programmed, and not ready until somebody acts. */
    private static Optional<Refusal> stalling(Outcome outcome) {
        return outcome.state()
                .flatMap(state -> Readiness.obstacle(state.desired(), state.observed()))
                .filter(refusal -> refusal.reason().stalls());
    }

    private static boolean alreadySaid(Refusal refusal, IpTunnelStatus before) {
        Optional<Condition> ready = before.conditions().stream()
                .filter(condition -> ConditionType.READY.equals(condition.getType()))
                .findFirst();
        return ready.filter(condition -> refusal.reason().toString().equals(condition.getReason())
                        && refusal.message().equals(condition.getMessage()))
                .isPresent();
    }

    /** Name, UID (so that a successor of the same name is not written to) and status alone. */
    private static IpTunnel patch(IpTunnel tunnel, IpTunnelStatus status) {
        IpTunnel patch = new IpTunnel();
        patch.setMetadata(new ObjectMetaBuilder()
                .withName(tunnel.getMetadata().getName())
                .withUid(tunnel.getMetadata().getUid())
                .build());
        patch.setStatus(status);
        return patch;
    }
}
