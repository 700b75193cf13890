package dev.iptunnel.controller;

import dev.iptunnel.api.v1alpha1.set.IpTunnelSet;
import dev.iptunnel.apiserver.ApiServerConnection;
import dev.iptunnel.apiserver.ApiServerContact;
import dev.iptunnel.controller.cluster.Fleet;
import dev.iptunnel.controller.cluster.StoredTunnel;
import dev.iptunnel.controller.health.ControllerHealth;
import dev.iptunnel.controller.health.ControllerMetrics;
import dev.iptunnel.controller.liveness.AgentLiveness;
import dev.iptunnel.controller.liveness.FleetView;
import dev.iptunnel.controller.liveness.LivenessReport;
import dev.iptunnel.controller.pairing.PairConditions;
import dev.iptunnel.controller.reconcile.SetEvents;
import dev.iptunnel.controller.reconcile.SetLoop;
import dev.iptunnel.controller.reconcile.SetReconciler;
import dev.iptunnel.controller.write.AddressStore;
import dev.iptunnel.controller.write.RevisionStore;
import dev.iptunnel.controller.write.SetStatusWriter;
import dev.iptunnel.controller.write.TunnelWriter;
import dev.iptunnel.health.HttpEndpoints;
import dev.iptunnel.health.LogLevel;
import dev.iptunnel.health.StatusPage;
import dev.iptunnel.pairing.PairReason;
import dev.iptunnel.schedule.Clocks;
import dev.iptunnel.schedule.WatchedScheduler;
import dev.iptunnel.set.FleetNode;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The running controller. Until it leads it only watches. Closing it leaves every tunnel as it is, and does not close the
 * client that it was given.
 */
public final class Controller implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Controller.class);
    private static final Duration LOOK = Duration.ofSeconds(5);
    private static final Duration PAIRS_LOOK = Duration.ofSeconds(10);
    private static final Duration SYNC = Duration.ofMillis(200);
    /** Their watches are pinged every 15 seconds. */
    private static final List<String> WATCHED = List.of("leases", "nodes");

    private static final Duration LONGEST_SILENCE = Duration.ofSeconds(20);
    private static final List<String> HEADINGS =
            List.of("SET", "MEMBERS", "DESIRED", "READY", "PHASE", "REASON", "MESSAGE");

    private final KubernetesClient client;
    private final ApiServerContact contact;
    private final ControllerOptions options;
    private final ControllerHealth health = new ControllerHealth();
    private final HttpEndpoints http;
    private final WatchedScheduler liveness = new WatchedScheduler("liveness");
    private final WatchedScheduler pairing = new WatchedScheduler("pairing");
    private final Fleet fleet;
    private final SetEvents events;
    private final TunnelWriter tunnels;
    private final SetReconciler reconciler;
    private final SetLoop loop;
    private final AgentLiveness agents;
    private final PairConditions pairs;
    private final Leadership leadership;
    private volatile Optional<LivenessReport> report = Optional.empty();
    private volatile Map<PairReason, Long> pairsByReason = Map.of();

    /**
     * Starts: watches, and takes part in the election.
     *
     * @param contact of the client
     * @param lost is run when this process has led and does not lead any more: it must end the process
     */
    public Controller(
            ControllerOptions options,
            KubernetesClient client,
            ApiServerContact contact,
            ControllerMetrics metrics,
            Clocks clocks,
            Runnable lost) {
        this.options = options;
        this.client = client;
        this.contact = contact;
        fleet = new Fleet(client, options.namespace(), clocks.steady(), new LateListener());
        events = new SetEvents(client, options.identity(), clocks);
        tunnels = new TunnelWriter(client, fleet, metrics::wrote);
        agents = new AgentLiveness(client, options.namespace(), new View(), clocks.wall(), clocks.steady());
        pairs = new PairConditions(client, clocks.wall(), clocks.steady());
        reconciler = new SetReconciler(
                fleet,
                new SetReconciler.Stores(
                        new AddressStore(client, options.namespace(), metrics::wrote),
                        new RevisionStore(client, options.namespace(), metrics::wrote),
                        tunnels,
                        new SetStatusWriter(client, metrics::wrote)),
                events,
                clocks,
                this::isNodeGone,
                this::isGoing,
                this::deadNodes);
        loop = new SetLoop(this::setNames, reconciler::pass);
        leadership =
                new Leadership(ApiServerConnection.triesOnce(client), options.namespace(), options.identity(), lost);
        metrics.watchLeadership(leadership::isLeader);
        metrics.watchQueue(loop::waiting);
        metrics.watchSets(reconciler::statuses);
        metrics.watchAgents(this::agentsByState);
        metrics.watchPairs(() -> pairsByReason);
        health.watch(loop.heartbeat());
        health.watch(liveness.heartbeat());
        health.watch(pairing.heartbeat());
        health.watch(events.heartbeat());
        health.watch(leadership.heartbeat());
        health.watch(new LeaseWatch(fleet, leadership, clocks.steady())::trouble);
        health.waitingFor(this::waitingFor);
        Thread.setDefaultUncaughtExceptionHandler(health::uncaught);
        StatusPage status = new StatusPage();
        describe(status);
        http = new HttpEndpoints(
                options.httpAddress(),
                health::sickness,
                health::unreadiness,
                metrics::page,
                status::text,
                new LogLevel());
        fleet.start();
    }

    /** The watches begin before the loop exists. */
    private final class LateListener implements Fleet.Listener {
        @Override
        public void changed(String set) {
            loop.changed(set);
        }

        @Override
        public void changed() {
            loop.changed();
        }
    }

    /** What the judge of agents sees. */
    private final class View implements FleetView {
        @Override
        public Collection<StoredTunnel> tunnels() {
            return fleet.tunnels();
        }

        @Override
        public Collection<FleetNode> nodes() {
            return fleet.nodes();
        }

        @Override
        public Collection<Lease> leases() {
            return fleet.leases();
        }

        @Override
        public boolean isCurrent() {
            return fleet.isCurrent()
                    && WATCHED.stream().allMatch(resource -> contact.silence(resource)
                            .filter(silence -> silence.compareTo(LONGEST_SILENCE) <= 0)
                            .isPresent());
        }
    }

    /** Waits until this process leads, then follows the sets. */
    public void lead() throws InterruptedException {
        leadership.await();
        while (!fleet.isSynced()) {
            Thread.sleep(SYNC);
        }
        loop.start();
        Future<?> unused = liveness.scheduleWithFixedDelay(this::look, 0, LOOK.toMillis(), TimeUnit.MILLISECONDS);
        Future<?> unusedToo =
                pairing.scheduleWithFixedDelay(this::compareEnds, 0, PAIRS_LOOK.toMillis(), TimeUnit.MILLISECONDS);
        log.atInfo().addKeyValue("identity", options.identity()).log("controller started");
    }

    private void look() {
        try {
            Set<String> before = deadNodes();
            report = Optional.of(agents.look());
            if (!before.equals(deadNodes())) {
                loop.changed();
            }
        } catch (RuntimeException e) {
            log.atError().setCause(e).log("agents could not be judged, will retry");
        }
    }

    /** While a watch is not open, nothing is concluded from what it shows. */
    private void compareEnds() {
        try {
            if (fleet.isCurrent()) {
                pairsByReason = pairs.look(fleet.tunnels(), fleet.nodes());
            }
        } catch (RuntimeException e) {
            log.atError().setCause(e).log("the ends of tunnels could not be compared, will retry");
        }
    }

    private Set<String> deadNodes() {
        return report.map(LivenessReport::dead).orElse(Set.of());
    }

    private Map<String, Long> agentsByState() {
        return report.map(LivenessReport::agents).orElse(Map.of()).entrySet().stream()
                .collect(Collectors.toMap(entry -> ControllerMetrics.label(entry.getKey()), Map.Entry::getValue));
    }

    private Set<String> setNames() {
        return fleet.sets().stream().map(set -> set.getMetadata().getName()).collect(Collectors.toSet());
    }

    /** If that cannot be read, the Node counts as there. */
    private boolean isNodeGone(String name) {
        try {
            return client.nodes().withName(name).get() == null;
        } catch (KubernetesClientException e) {
            log.atWarn().log("Node {} cannot be read: {}", name, e.getMessage());
            return false;
        }
    }

    private boolean isGoing(IpTunnelSet set) {
        IpTunnelSet now = client.resources(IpTunnelSet.class)
                .withName(set.getMetadata().getName())
                .get();
        return now == null
                || !set.getMetadata().getUid().equals(now.getMetadata().getUid())
                || now.getMetadata().getDeletionTimestamp() != null;
    }

    private Optional<String> waitingFor() {
        if (!fleet.isSynced()) {
            return Optional.of("the first lists of IpTunnelSets, IpTunnels, Nodes and Leases");
        }
        return leadership.isLeader() || leadership.other().isPresent()
                ? Optional.empty()
                : Optional.of("the election of a leader");
    }

    private void describe(StatusPage page) {
        page.add("alive", () -> health.sickness().orElse("yes"));
        page.add("ready", () -> health.unreadiness().orElse("yes"));
        page.add(
                "leads",
                () -> leadership.isLeader()
                        ? "yes"
                        : "no, "
                                + leadership.other().map(name -> name + " does").orElse("nobody does"));
        page.add("watches", () -> fleet.isCurrent() ? "all are open" : "not all are open");
        page.add("queue", () -> loop.waiting() + " sets wait for a pass");
        page.add("agents", () -> agentsByState().entrySet().stream()
                .map(entry -> entry.getValue() + " " + entry.getKey())
                .sorted()
                .collect(Collectors.joining(", ")));
        page.add("pairs", () -> pairsByReason.entrySet().stream()
                .map(entry -> entry.getValue() + " " + entry.getKey())
                .sorted()
                .collect(Collectors.joining(", ")));
        page.table(HEADINGS, () -> reconciler.statuses().entrySet().stream()
                .map(entry -> SetRow.of(entry.getKey(), entry.getValue()))
                .toList());
    }

    /** The port of metrics and health. */
    public int httpPort() {
        return http.port();
    }

    @Override
    public void close() {
        liveness.shutdownNow();
        pairing.shutdownNow();
        loop.close();
        leadership.close();
        tunnels.close();
        fleet.close();
        events.close();
        http.close();
    }
}
