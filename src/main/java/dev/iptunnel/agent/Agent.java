package dev.iptunnel.agent;

import dev.iptunnel.agent.cluster.ApiLookups;
import dev.iptunnel.agent.cluster.ApiServerAddresses;
import dev.iptunnel.agent.cluster.ClusterIdentity;
import dev.iptunnel.agent.cluster.DefinitionLookup;
import dev.iptunnel.agent.cluster.Identity;
import dev.iptunnel.agent.cluster.NodeTunnels;
import dev.iptunnel.agent.cluster.NotYetException;
import dev.iptunnel.agent.cluster.ObjectLookup;
import dev.iptunnel.agent.cluster.StartRefusedException;
import dev.iptunnel.agent.event.EventRecorder;
import dev.iptunnel.agent.health.AgentHealth;
import dev.iptunnel.agent.health.AgentMetrics;
import dev.iptunnel.agent.health.AgentProbes;
import dev.iptunnel.agent.orphan.Deletions;
import dev.iptunnel.agent.orphan.DepartedTunnels;
import dev.iptunnel.agent.orphan.Departures;
import dev.iptunnel.agent.orphan.Orphans;
import dev.iptunnel.agent.orphan.Removals;
import dev.iptunnel.agent.program.TunnelProgrammer;
import dev.iptunnel.agent.reconcile.IpTunnelReconciler;
import dev.iptunnel.agent.reconcile.KernelEventSource;
import dev.iptunnel.agent.reconcile.NodeControllerConfiguration;
import dev.iptunnel.agent.reconcile.StatusBuilder;
import dev.iptunnel.agent.reconcile.TunnelRegistry;
import dev.iptunnel.agent.schedule.Clocks;
import dev.iptunnel.agent.schedule.Reminders;
import dev.iptunnel.agent.schedule.Sweeps;
import dev.iptunnel.agent.schedule.WatchedPool;
import dev.iptunnel.agent.schedule.WatchedScheduler;
import dev.iptunnel.agent.spec.DesiredTunnels;
import dev.iptunnel.agent.spec.SpecReader;
import dev.iptunnel.api.v1alpha1.IpTunnel;
import dev.iptunnel.kernel.KernelException;
import dev.iptunnel.kernel.NetworkConfigurators;
import dev.iptunnel.kernel.TunnelKernel;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.javaoperatorsdk.operator.Operator;
import io.javaoperatorsdk.operator.RegisteredController;
import io.javaoperatorsdk.operator.api.monitoring.Metrics;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The operator of one node, running. Closing it leaves every tunnel as it is. It does not close the client and the
 * kernel that it was given.
 */
public final class Agent implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Agent.class);
    private static final Duration TERMINATION = Duration.ofSeconds(5);
    /** How long the SDK waits for the first list and the watch before it goes on; we wait for the list. */
    private static final Duration CACHE_SYNC = Duration.ofSeconds(5);

    private static final int RECONCILERS = 16;
    private static final int DEPARTING = 2;

    private final AgentProbes probes;
    private final AgentHealth health;
    private final WatchedScheduler resync = new WatchedScheduler("resync");
    /** For what waits for the API server. */
    private final WatchedScheduler departing = new WatchedScheduler("departing", DEPARTING);

    private final EventRecorder events;
    private final ApiServerAddresses apiServer;
    private final Operator operator;
    private final Future<?> periodic;

    /**
     * Starts it: waits for the API server, then for the first list of the node's IpTunnels.
     *
     * @throws StartRefusedException where it cannot work as it was set up
     */
    public Agent(
            AgentOptions options, KubernetesClient client, TunnelKernel kernel, AgentMetrics metrics, Clocks clocks) {
        this(options, client, kernel, metrics, clocks, new AgentProbes(options.httpAddress(), metrics));
    }

    /** @param probes are answered already; closed with this */
    public Agent(
            AgentOptions options,
            KubernetesClient client,
            TunnelKernel kernel,
            AgentMetrics metrics,
            Clocks clocks,
            AgentProbes probes) {
        this.probes = probes;
        health = probes.health();
        String manager = probes.await(() -> ClusterIdentity.manager(client));
        probes.await(() -> {
            ClusterIdentity.requireTunnelsReadable(client, options.nodeName());
            return manager;
        });

        TunnelRegistry registry = new TunnelRegistry();
        metrics.watchTunnels(registry::count);
        NodeTunnels tunnels = new NodeTunnels();
        KernelEventSource kernelEvents = new KernelEventSource(registry, tunnels);
        events = new EventRecorder(client, options.nodeName(), clocks, NetworkConfigurators.ofThisNode());
        TunnelProgrammer programmer = new TunnelProgrammer(kernel);
        ApiLookups lookups = new ApiLookups(new ObjectLookup(client), new DefinitionLookup(client));
        Identity identity = new Identity(manager, options.nodeName());
        DepartedTunnels departed = new DepartedTunnels(clocks.steady());
        Removals removals = new Removals(programmer, tunnels, events);
        Orphans orphans = new Orphans(
                kernel,
                lookups,
                tunnels,
                departed,
                removals,
                events,
                identity,
                clocks,
                name -> kernelEvents.reconcile(registry.refusedFor(name)));
        metrics.watchOrphans(orphans::held, orphans::leftAlone);
        Sweeps sweeps = new Sweeps(departing, () -> health.guard(orphans::sweep));
        Deletions deletions = new Deletions(kernel, lookups, tunnels, departed, removals, orphans, identity, departing);
        IpTunnelReconciler reconciler = new IpTunnelReconciler(
                options.nodeName(),
                programmer,
                new DesiredTunnels(new SpecReader(manager, options.nodeAddresses()), tunnels),
                new Departures(departed, deletions, orphans, sweeps, tunnels),
                new StatusBuilder(clocks.wall()),
                events,
                registry,
                kernelEvents,
                tunnels,
                metrics,
                new Reminders(resync, name -> kernelEvents.reconcile(List.of(name))),
                clocks.steady());
        Metrics operatorMetrics = metrics.operatorMetrics();
        WatchedPool reconcilers = new WatchedPool("reconciler", RECONCILERS);
        operator = new Operator(configuration -> configuration
                .withKubernetesClient(client)
                .withCloseClientOnStop(false)
                .withMetrics(operatorMetrics)
                .withExecutorService(reconcilers)
                .withReconciliationTerminationTimeout(TERMINATION)
                .withCacheSyncTimeout(CACHE_SYNC)
                .withStopOnInformerErrorDuringStartup(false)
                .withInformerStoppedHandler((informer, cause) -> health.informerStopped(cause)));
        RegisteredController<IpTunnel> controller = operator.register(
                reconciler, NodeControllerConfiguration.of(options.nodeName(), operator.getConfigurationService()));
        health.watch(
                () -> List.of(resync.heartbeat(), departing.heartbeat(), events.heartbeat(), reconcilers.heartbeat()));
        probes.await(() -> {
            watch(kernel, kernelEvents);
            return kernel;
        });
        health.watch(kernel::heartbeats);
        health.waitingFor("the first list of this node's IpTunnels");
        apiServer = new ApiServerAddresses(client, kernel::guard);
        apiServer.start(CACHE_SYNC);
        operator.start();
        tunnels.awaitFirstList(controller.getControllerHealthInfo());
        health.started(operator);
        periodic = resync.scheduleWithFixedDelay(
                () -> {
                    health.guard(apiServer::refresh);
                    health.guard(kernel::resync);
                    sweeps.request();
                    health.guard(() -> programmer.removeHalfBorn(manager));
                },
                0,
                options.resync().toMillis(),
                TimeUnit.MILLISECONDS);
        log.atInfo()
                .addKeyValue("node", options.nodeName())
                .addKeyValue("manager", manager)
                .log("agent started");
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
        periodic.cancel(true);
        resync.shutdownNow();
        departing.shutdownNow();
        operator.stop();
        apiServer.close();
        events.close();
        probes.close();
    }
}
