package dev.iptunnel.agent;

import dev.iptunnel.agent.cluster.ApiServerAddresses;
import dev.iptunnel.agent.cluster.ApiServerAddresses.Reached;
import dev.iptunnel.agent.cluster.ClusterIdentity;
import dev.iptunnel.agent.cluster.ConnectedServers;
import dev.iptunnel.agent.cluster.Identity;
import dev.iptunnel.agent.cluster.NodeTunnels;
import dev.iptunnel.agent.cluster.NotYetException;
import dev.iptunnel.agent.cluster.StartRefusedException;
import dev.iptunnel.agent.confirm.ChangeTrials;
import dev.iptunnel.agent.event.EventRecorder;
import dev.iptunnel.agent.health.AgentHealth;
import dev.iptunnel.agent.health.AgentMetrics;
import dev.iptunnel.agent.health.AgentProbes;
import dev.iptunnel.agent.health.TunnelState;
import dev.iptunnel.agent.lease.LeaseRenewal;
import dev.iptunnel.agent.orphan.Departures;
import dev.iptunnel.agent.probe.Prober;
import dev.iptunnel.agent.program.TunnelProgrammer;
import dev.iptunnel.agent.reconcile.IpTunnelReconciler;
import dev.iptunnel.agent.reconcile.KernelEventSource;
import dev.iptunnel.agent.reconcile.StatusWriter;
import dev.iptunnel.agent.reconcile.TunnelRegistry;
import dev.iptunnel.agent.sdk.FirstList;
import dev.iptunnel.agent.sdk.NodeControllerConfiguration;
import dev.iptunnel.agent.sdk.Reminders;
import dev.iptunnel.agent.sdk.SharedObjects;
import dev.iptunnel.agent.sdk.WatchedPool;
import dev.iptunnel.agent.spec.DesiredTunnels;
import dev.iptunnel.agent.spec.SpecReader;
import dev.iptunnel.api.v1alpha1.IpTunnel;
import dev.iptunnel.apiserver.ClusterCertificate;
import dev.iptunnel.health.StatusPage;
import dev.iptunnel.kernel.KernelException;
import dev.iptunnel.kernel.NetworkConfigurators;
import dev.iptunnel.kernel.TcpConnections;
import dev.iptunnel.kernel.TunnelKernel;
import dev.iptunnel.schedule.Clocks;
import dev.iptunnel.schedule.WatchedScheduler;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.javaoperatorsdk.operator.Operator;
import io.javaoperatorsdk.operator.RegisteredController;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The running operator of one node. Closing it leaves every tunnel as it is, and does not close the client and the
 * kernel that it was given.
 */
public final class Agent implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Agent.class);
    private static final Duration TERMINATION = Duration.ofSeconds(5);
    /**
     * How long the SDK waits for the first list and the watch before it continues; {@link FirstList} waits for the
     * list.
     */
    private static final Duration CACHE_SYNC = Duration.ofSeconds(5);

    private static final int RECONCILERS = 16;
    private static final int DEPARTING = 2;

    private final AgentOptions options;
    private final TunnelKernel kernel;
    private final AgentProbes probes;
    private final AgentHealth health;
    private final Identity identity;
    private final WatchedScheduler resync = new WatchedScheduler("resync");
    /** For tasks that wait for the API server. */
    private final WatchedScheduler departing = new WatchedScheduler("departing", DEPARTING);

    private final WatchedPool reconcilers = new WatchedPool("reconciler", RECONCILERS);
    private final NodeTunnels tunnels = new NodeTunnels();
    private final TunnelRegistry registry = new TunnelRegistry();
    private final TunnelProgrammer programmer;
    private final KernelEventSource kernelEvents;
    private final Optional<LeaseRenewal> lease;
    private final StatusWriter statuses;
    private final EventRecorder events;
    private final Departures departures;
    private final Prober prober;
    private final ApiServerAddresses apiServer;
    private final ChangeTrials trials;
    private final Operator operator;
    private final RegisteredController<IpTunnel> controller;
    private final Clocks clocks;
    private volatile Optional<Instant> lastComparison = Optional.empty();

    /** Assembles the parts; nothing runs before {@link #start}. */
    private Agent(
            AgentOptions options,
            KubernetesClient client,
            TunnelKernel kernel,
            AgentMetrics metrics,
            Clocks clocks,
            AgentProbes probes,
            Identity identity,
            ChangeTrials trials) {
        this.options = options;
        this.trials = trials;
        this.kernel = kernel;
        this.probes = probes;
        this.identity = identity;
        this.clocks = clocks;
        health = probes.health();
        kernelEvents = new KernelEventSource(registry, tunnels);
        lease = options.lease()
                .map(terms -> LeaseRenewal.of(
                        client, options.nodeName(), terms, health::sickness, metrics::leaseRenewed, clocks));
        statuses = new StatusWriter(client, tunnels::holds, () -> lease.ifPresent(LeaseRenewal::beforeStatus));
        events = new EventRecorder(
                client,
                options.nodeName(),
                clocks,
                NetworkConfigurators.ofThisNode(),
                () -> reconcilers.isBehind() || statuses.isBehind(),
                why -> metrics.eventNotWritten(why.name()));
        programmer = new TunnelProgrammer(kernel, metrics::planned);
        departures = Departures.of(
                kernel,
                client,
                identity,
                tunnels,
                programmer,
                events,
                clocks,
                departing,
                health::guard,
                name -> kernelEvents.reconcile(registry.refusedFor(name)));
        prober = new Prober(clocks.steady(), kernelEvents::reconcile, metrics::roundTrip);
        metrics.watchTunnels(registry::states, kernel);
        metrics.watchProbes(prober::reports);
        metrics.watchKernel(kernel);
        metrics.watchQueue(() -> reconcilers.getQueue().size());
        metrics.watchComparison(() -> lastComparison);
        metrics.watchOrphans(departures::held, departures::leftAlone);
        describe(probes.status());
        IpTunnelReconciler reconciler = IpTunnelReconciler.of(
                options.nodeName(),
                tunnels,
                new DesiredTunnels(new SpecReader(identity.manager(), options.nodeAddresses()), tunnels),
                programmer,
                departures,
                trials,
                prober,
                registry,
                kernelEvents,
                statuses,
                events,
                metrics,
                new Reminders(resync, name -> kernelEvents.reconcile(List.of(name))),
                clocks);
        apiServer = new ApiServerAddresses(
                client,
                new ConnectedServers(
                        TcpConnections.ofThisNode(),
                        new ClusterCertificate(client.getConfiguration())::isShownBy,
                        kernel::leavesOutsideTunnels,
                        clocks.steady()),
                this::reachedBy);
        operator = new Operator(configuration -> configuration
                .withKubernetesClient(client)
                .withCloseClientOnStop(false)
                .withResourceCloner(new SharedObjects())
                .withMetrics(metrics.operatorMetrics())
                .withExecutorService(reconcilers)
                .withReconciliationTerminationTimeout(TERMINATION)
                .withCacheSyncTimeout(CACHE_SYNC)
                .withStopOnInformerErrorDuringStartup(false)
                .withInformerStoppedHandler((_, cause) -> health.informerStopped(cause)));
        controller = operator.register(
                reconciler,
                NodeControllerConfiguration.of(
                        options.nodeName(), IpTunnelReconciler.class, operator.getConfigurationService()));
        health.watch(() -> List.of(
                resync.heartbeat(),
                departing.heartbeat(),
                events.heartbeat(),
                statuses.heartbeat(),
                prober.heartbeat(),
                reconcilers.heartbeat()));
        health.watch(() -> lease.map(LeaseRenewal::heartbeat).stream().toList());
    }

    private void describe(StatusPage page) {
        page.add(
                "kernel",
                () -> kernel.watchCounts().overruns() + " times events were lost, "
                        + kernel.watchCounts().relists() + " lists after the first, compared "
                        + StatusPage.ago(lastComparison, clocks.wall().instant()));
        page.add("queue", () -> reconcilers.getQueue().size() + " IpTunnels wait for a reconciler");
        page.add("contended", () -> registry.states().stream()
                .filter(TunnelState::contended)
                .map(TunnelState::name)
                .collect(Collectors.collectingAndThen(
                        Collectors.joining(", "), names -> names.isEmpty() ? "none" : names)));
        page.add(
                "without an object",
                () -> departures.held() + " tunnels held, " + departures.leftAlone() + " left alone");
        TunnelState.describe(page, registry::states);
    }

    /**
     * Starts the agent: waits for the API server, then for the first list of the node's IpTunnels.
     *
     * @throws StartRefusedException if the agent cannot work with these settings; then nothing keeps running
     */
    public static Agent start(
            AgentOptions options, KubernetesClient client, TunnelKernel kernel, AgentMetrics metrics, Clocks clocks) {
        return start(options, client, kernel, metrics, clocks, new AgentProbes(options.httpAddress(), metrics));
    }

    /**
     * Starts the agent with probes that are answered already.
     *
     * @param probes closed with the agent, or if it does not start
     */
    public static Agent start(
            AgentOptions options,
            KubernetesClient client,
            TunnelKernel kernel,
            AgentMetrics metrics,
            Clocks clocks,
            AgentProbes probes) {
        Optional<Agent> agent = Optional.empty();
        boolean started = false;
        try {
            ChangeTrials trials = ChangeTrials.of(kernel, options.confirm(), clocks.steady(), metrics::rolledBack);
            trials.resume();
            Identity identity = new Identity(probes.await(() -> ClusterIdentity.manager(client)), options.nodeName());
            probes.await(() -> {
                ClusterIdentity.requireTunnelsReadable(client, options.nodeName());
                return identity;
            });
            Agent made = new Agent(options, client, kernel, metrics, clocks, probes, identity, trials);
            agent = Optional.of(made);
            made.start();
            started = true;
            return made;
        } finally {
            if (!started) {
                agent.ifPresentOrElse(Agent::close, probes::close);
            }
        }
    }

    private void start() {
        probes.await(() -> {
            watch(kernel, kernelEvents);
            return kernel;
        });
        health.watch(kernel::heartbeats);
        health.waitingFor("the first list of this node's IpTunnels");
        apiServer.start(CACHE_SYNC);
        operator.start();
        FirstList.await(controller.getControllerHealthInfo());
        List<IpTunnel> first = tunnels.list().toList();
        health.listed(first.size(), () -> first.stream()
                .filter(tunnel -> tunnels.holds(tunnel) && !registry.knows(tunnel))
                .map(tunnel -> tunnel.getMetadata().getName())
                .toList());
        health.started(operator);
        lease.ifPresent(LeaseRenewal::start);
        Future<?> unused =
                resync.scheduleWithFixedDelay(this::compare, 0, options.resync().toMillis(), TimeUnit.MILLISECONDS);
        log.atInfo()
                .addKeyValue("node", options.nodeName())
                .addKeyValue("manager", identity.manager())
                .log("agent started");
    }

    private void reachedBy(Reached apiServers) {
        kernel.guard(apiServers.addresses());
        trials.follow(apiServers.servers());
    }

    /** Finds changes that nothing reports; runs once a minute. */
    private void compare() {
        health.guard(apiServer::refresh);
        health.guard(kernel::resync);
        departures.look();
        health.guard(() -> trials.retain(tunnels.uids()));
        health.guard(() -> programmer.removeHalfBorn(identity.manager()));
        lastComparison = Optional.of(clocks.wall().instant());
    }

    private static void watch(TunnelKernel kernel, KernelEventSource listener) {
        try {
            kernel.watch(listener::handle);
        } catch (KernelException e) {
            throw new NotYetException("the node's interfaces cannot be listed: " + e.detail());
        }
    }

    /** The port of metrics and health. */
    public int httpPort() {
        return probes.port();
    }

    @Override
    public void close() {
        health.stopping();
        lease.ifPresent(LeaseRenewal::close);
        resync.shutdownNow();
        departing.shutdownNow();
        operator.stop();
        reconcilers.shutdownNow();
        prober.close();
        statuses.close();
        apiServer.close();
        events.close();
        probes.close();
    }
}
