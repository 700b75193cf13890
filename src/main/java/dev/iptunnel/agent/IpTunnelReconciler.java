package dev.iptunnel.agent;

import dev.iptunnel.api.v1alpha1.ConditionType;
import dev.iptunnel.api.v1alpha1.IpTunnel;
import dev.iptunnel.api.v1alpha1.IpTunnelStatus;
import dev.iptunnel.kernel.KernelException;
import dev.iptunnel.tunnel.Claims;
import dev.iptunnel.tunnel.Readiness;
import dev.iptunnel.tunnel.Refusal;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ErrorStatusUpdateControl;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Brings the kernel to what one IpTunnel of this node asks for, and its status to what the kernel has. */
final class IpTunnelReconciler implements Reconciler<IpTunnel> {
    private static final Logger log = LoggerFactory.getLogger(IpTunnelReconciler.class);
    private static final Duration FIRST_RETRY = Duration.ofSeconds(1);
    private static final Duration LONGEST_RETRY = Duration.ofSeconds(64);
    private static final int MOST_DOUBLINGS = 6;

    private final String nodeName;
    private final TunnelProgrammer programmer;
    private final DesiredTunnels desiredTunnels;
    private final Orphans orphans;
    private final StatusBuilder statuses;
    private final EventRecorder events;
    private final TunnelRegistry registry;
    private final KernelEventSource kernelEvents;
    private final NodeTunnels tunnels;
    private final AgentMetrics metrics;
    private final ScheduledExecutorService later;
    private final Clock clock;

    IpTunnelReconciler(
            String nodeName,
            TunnelProgrammer programmer,
            DesiredTunnels desiredTunnels,
            Orphans orphans,
            StatusBuilder statuses,
            EventRecorder events,
            TunnelRegistry registry,
            KernelEventSource kernelEvents,
            NodeTunnels tunnels,
            AgentMetrics metrics,
            ScheduledExecutorService later,
            Clock clock) {
        this.nodeName = nodeName;
        this.programmer = programmer;
        this.desiredTunnels = desiredTunnels;
        this.orphans = orphans;
        this.statuses = statuses;
        this.events = events;
        this.registry = registry;
        this.kernelEvents = kernelEvents;
        this.tunnels = tunnels;
        this.metrics = metrics;
        this.later = later;
        this.clock = clock;
    }

    @Override
    public List<EventSource<?, IpTunnel>> prepareEventSources(EventSourceContext<IpTunnel> context) {
        tunnels.readFrom(context.getPrimaryCache());
        return List.of(kernelEvents);
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
        Optional<IpTunnel> successor = tunnels.byName(name);
        if (successor.isPresent()) {
            kernelEvents.reconcileSuccessor(successor.get());
            return UpdateControl.noUpdate();
        }
        if (missedOnWatch) {
            // Found missing by a list: it may be the list that is wrong.
            orphans.missed(tunnel);
        } else {
            seeOff(tunnel, FIRST_RETRY);
        }
        kernelEvents.reconcile(registry.refusedFor(name));
        return UpdateControl.noUpdate();
    }

    /** Until the API server confirms the deletion, or has a successor. The SDK may forget a deletion that it is to retry. */
    private void seeOff(IpTunnel tunnel, Duration pause) {
        if (tunnels.byName(tunnel.getMetadata().getName()).isEmpty() && !isSeenOff(tunnel)) {
            Duration next = pause.multipliedBy(2);
            Future<?> unused = later.schedule(
                    () -> seeOff(tunnel, next.compareTo(LONGEST_RETRY) < 0 ? next : LONGEST_RETRY),
                    pause.toMillis(),
                    TimeUnit.MILLISECONDS);
        }
    }

    private boolean isSeenOff(IpTunnel tunnel) {
        try {
            return orphans.deleted(tunnel);
        } catch (KernelException e) {
            log.atWarn().addKeyValue("tunnel", tunnel.getMetadata().getName()).log("not removed yet: {}", e.detail());
            return false;
        }
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
        return ErrorStatusUpdateControl.<IpTunnel>noStatusUpdate()
                .withNoRetry()
                .rescheduleAfter(FIRST_RETRY.multipliedBy(1L << Math.min(entry.unwritten(), MOST_DOUBLINGS)));
    }

    private UpdateControl<IpTunnel> present(IpTunnel tunnel) {
        TunnelRegistry.Entry entry = registry.entry(tunnel);
        long generation = tunnel.getMetadata().getGeneration();
        Instant now = clock.instant();
        if (entry.drift().isHeld(generation, now) && entry.unwritten() == 0) {
            return UpdateControl.<IpTunnel>noUpdate()
                    .rescheduleAfter(entry.drift().contention().heldFor(now));
        }
        Claims claims = desiredTunnels.claims();
        Outcome done = program(tunnel, entry.drift().ifindex(), claims);
        boolean repaired = entry.drift().isRepair(generation, done);
        Drift drift = entry.drift().after(generation, done, now);
        Contention contention = drift.contention();
        Outcome outcome = contention.isContended() && done.programmed() ? done.but(contention.refusal()) : done;
        IpTunnelStatus current = entry.written().current(tunnel, now);
        IpTunnelStatus status = statuses.build(generation, outcome, current.conditions());
        announce(tunnel, outcome, repaired, current);
        registry.update(tunnel, entry.after(tunnel, status, outcome, drift, now));
        giveOthersTheirTurn(tunnel, outcome, current, claims);
        UpdateControl<IpTunnel> control = entry.written().isWritten(tunnel, status, now)
                ? UpdateControl.noUpdate()
                : UpdateControl.patchStatus(patch(tunnel, status));
        if (contention.isContended()) {
            return control.rescheduleAfter(contention.quietIn(now));
        }
        return outcome.programmed()
                ? control
                : control.rescheduleAfter(FIRST_RETRY.multipliedBy(1L << Math.min(entry.failures(), MOST_DOUBLINGS)));
    }

    private Outcome program(IpTunnel tunnel, OptionalInt ifindex, Claims claims) {
        Set<String> displaced = new HashSet<>();
        try {
            return programmer.program(desiredTunnels.of(tunnel), ifindex, claims, plan -> {
                events.interrupts(tunnel, plan);
                plan.displaced().forEach(other -> displaced.add(other.owner().name()));
            });
        } catch (InvalidSpecException e) {
            return Outcome.invalid(e);
        } finally {
            kernelEvents.reconcile(displaced);
        }
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

    private void announce(IpTunnel tunnel, Outcome outcome, boolean repaired, IpTunnelStatus before) {
        if (repaired) {
            metrics.repaired();
            outcome.executed().forEach(plan -> events.repaired(tunnel, plan));
        } else {
            outcome.executed().forEach(plan -> events.executed(tunnel, plan));
        }
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
