package dev.iptunnel.agent.event;

import dev.iptunnel.api.v1alpha1.IpTunnel;
import dev.iptunnel.event.EventWriter;
import dev.iptunnel.event.Occurrence;
import dev.iptunnel.event.Unwritten;
import dev.iptunnel.kernel.Heartbeat;
import dev.iptunnel.kernel.NetworkConfigurators;
import dev.iptunnel.observation.ObservedLink;
import dev.iptunnel.plan.Operation;
import dev.iptunnel.plan.Operation.AddAddress;
import dev.iptunnel.plan.Operation.AddConnectedRoute;
import dev.iptunnel.plan.Operation.AddRoute;
import dev.iptunnel.plan.Operation.ClearInet6Conf;
import dev.iptunnel.plan.Operation.SetLink;
import dev.iptunnel.plan.Plan;
import dev.iptunnel.plan.Refusal;
import dev.iptunnel.schedule.Clocks;
import dev.iptunnel.tunnel.DeletionPolicy;
import dev.iptunnel.tunnel.Mark;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/** Reports in Events what was done to the tunnels, and what was refused and why. */
public final class EventRecorder implements AutoCloseable {
    private static final String NORMAL = "Normal";
    private static final String WARNING = "Warning";
    private static final String PROGRAM = "Program";
    private static final String DELETE = "Delete";

    /**
     * systemd-networkd removes addresses and routes and sets {@code accept_ra} at each start, NetworkManager if a
     * connection matches the interface.
     */
    private static final String CONFIGURATOR =
            " (systemd-networkd or NetworkManager seems to run on this node: install the files of"
                    + " deploy/samples/node, so that it leaves tunnels alone)";

    private final EventWriter writer;
    private final NetworkConfigurators configurators;

    /**
     * Starts to write.
     *
     * @param busy whether tunnels wait to be reconciled; Events wait then, too
     * @param unwritten counts what is only logged
     */
    public EventRecorder(
            KubernetesClient client,
            String nodeName,
            Clocks clocks,
            NetworkConfigurators configurators,
            BooleanSupplier busy,
            Consumer<Unwritten> unwritten) {
        writer = new EventWriter(client, reporter(nodeName), clocks, busy, unwritten);
        this.configurators = configurators;
    }

    private static EventWriter.Reporter reporter(String nodeName) {
        return new EventWriter.Reporter(
                "iptunnel.dev/agent",
                nodeName,
                HasMetadata.getApiVersion(IpTunnel.class),
                HasMetadata.getKind(IpTunnel.class),
                "tunnel");
    }

    /** The kernel was changed; the note contains the commands. */
    public void executed(IpTunnel tunnel, Plan plan) {
        boolean adds = plan.operations().stream().anyMatch(Operation.AddTunnel.class::isInstance);
        EventReason reason = !adds
                ? EventReason.TUNNEL_CHANGED
                : plan.disruption().isPresent() ? EventReason.TUNNEL_RECREATED : EventReason.TUNNEL_CREATED;
        write(tunnel, NORMAL, reason.toString(), commands(plan));
    }

    /** Routes were removed, because packets cannot pass. */
    public void withdrawn(IpTunnel tunnel, Plan plan) {
        write(
                tunnel,
                WARNING,
                EventReason.ROUTES_WITHDRAWN.toString(),
                "packets cannot pass, as Reachable or Ready says: " + commands(plan));
    }

    /** Routes that had been removed are there again, because packets pass. */
    public void restored(IpTunnel tunnel, Plan plan) {
        write(tunnel, NORMAL, EventReason.ROUTES_RESTORED.toString(), "packets pass again: " + commands(plan));
    }

    /** A change by somebody else was repaired; the note contains the commands. */
    public void repaired(IpTunnel tunnel, Plan plan) {
        boolean isTypical = plan.operations().stream().anyMatch(EventRecorder::undoesConfigurator);
        String hint = isTypical && configurators.seemToRun() ? CONFIGURATOR : "";
        write(
                tunnel,
                NORMAL,
                EventReason.TUNNEL_REPAIRED.toString(),
                "somebody else changed it" + hint + ": " + commands(plan));
    }

    private static boolean undoesConfigurator(Operation operation) {
        return switch (operation) {
            case AddAddress _, AddRoute _, AddConnectedRoute _, ClearInet6Conf _ -> true;
            default -> false;
        };
    }

    /**
     * The commands in one line, because kubectl prints Events as a table. Leaves the mark out if a command does more.
     */
    private static String commands(Plan plan) {
        List<Operation> operations =
                plan.operations().stream().map(EventRecorder::withoutMark).toList();
        return new Plan(operations, plan.refused(), plan.disruption(), plan.displaced())
                .toString()
                .strip()
                .replace("\n", "; ");
    }

    private static Operation withoutMark(Operation operation) {
        return operation instanceof SetLink set
                        && (set.mtu().isPresent() || set.up().isPresent())
                ? new SetLink(set.index(), set.name(), Optional.empty(), set.mtu(), set.up())
                : operation;
    }

    /** The next change of the kernel interrupts traffic of this tunnel or of others. */
    public void interrupts(IpTunnel tunnel, Plan plan) {
        String reason = EventReason.TRAFFIC_INTERRUPTED.toString();
        plan.disruption().ifPresent(why -> write(tunnel, WARNING, reason, why));
        plan.displaced()
                .forEach(other -> writer.write(new Occurrence(
                        other.owner().name(), other.owner().uid(), WARNING, reason, PROGRAM, other.what())));
    }

    /** The agent refused to change the kernel, or the kernel refused the change. */
    public void refused(IpTunnel tunnel, Refusal refusal) {
        write(tunnel, WARNING, refusal.reason().toString(), refusal.message());
    }

    private void write(IpTunnel tunnel, String type, String reason, String note) {
        writer.write(new Occurrence(
                tunnel.getMetadata().getName(), tunnel.getMetadata().getUid(), type, reason, PROGRAM, note));
    }

    /** The object seems to be gone; its tunnel is held for a while, or until somebody acts. */
    public void held(Mark mark, String why) {
        warn(mark, EventReason.TUNNEL_HELD, why);
    }

    /** The object exists, but this node's agent may not change its tunnel. */
    public void leftAlone(Mark mark, String why) {
        warn(mark, EventReason.TUNNEL_LEFT_ALONE, why);
    }

    private void warn(Mark mark, EventReason reason, String why) {
        writer.write(new Occurrence(mark.name(), mark.uid(), WARNING, reason.toString(), DELETE, why));
    }

    /** The object is gone; its tunnel was removed, or stays without our mark. */
    public void deleted(Mark mark, ObservedLink link, DeletionPolicy policy) {
        boolean retained = policy == DeletionPolicy.RETAIN;
        EventReason reason = retained ? EventReason.TUNNEL_RETAINED : EventReason.TUNNEL_DELETED;
        writer.write(new Occurrence(
                mark.name(),
                mark.uid(),
                NORMAL,
                reason.toString(),
                DELETE,
                (retained ? "kept, and removed the mark of, interface " : "removed interface ") + link.name()
                        + " (ifindex " + link.index() + ")"));
    }

    public Heartbeat heartbeat() {
        return writer.heartbeat();
    }

    @Override
    public void close() {
        writer.close();
    }
}
