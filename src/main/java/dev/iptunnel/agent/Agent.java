package dev.iptunnel.agent;

import dev.iptunnel.api.v1alpha1.IpTunnel;
import dev.iptunnel.kernel.TunnelKernel;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.javaoperatorsdk.operator.Operator;
import io.javaoperatorsdk.operator.RegisteredController;
import io.javaoperatorsdk.operator.api.monitoring.Metrics;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
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

    private final AgentHealth health = new AgentHealth();
    private final ScheduledExecutorService resync = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("resync").factory());
    private final HttpEndpoints http;
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
            AgentOptions options, KubernetesClient client, TunnelKernel kernel, AgentMetrics metrics, Clock clock) {
        http = new HttpEndpoints(options.httpAddress(), health::live, health::ready, metrics::scrape);
        String manager = ClusterIdentity.manager(client);
        ClusterIdentity.requireTunnelsReadable(client, options.nodeName());

        TunnelRegistry registry = new TunnelRegistry();
        metrics.watch(registry);
        NodeTunnels tunnels = new NodeTunnels();
        KernelEventSource kernelEvents = new KernelEventSource(registry, tunnels);
        events = new EventRecorder(client, options.nodeName(), clock);
        TunnelProgrammer programmer = new TunnelProgrammer(kernel);
        Orphans orphans = new Orphans(
                kernel,
                programmer,
                new ObjectLookup(client),
                new DefinitionLookup(client),
                events,
                manager,
                options.nodeName(),
                tunnels::uids,
                clock);
        IpTunnelReconciler reconciler = new IpTunnelReconciler(
                options.nodeName(),
                programmer,
                new DesiredTunnels(new SpecReader(manager, options.nodeAddresses()), tunnels),
                orphans,
                new StatusBuilder(clock),
                events,
                registry,
                kernelEvents,
                tunnels,
                metrics,
                resync,
                clock);
        Metrics operatorMetrics = metrics.operatorMetrics();
        operator = new Operator(configuration -> configuration
                .withKubernetesClient(client)
                .withCloseClientOnStop(false)
                .withMetrics(operatorMetrics)
                .withConcurrentReconciliationThreads(RECONCILERS)
                .withReconciliationTerminationTimeout(TERMINATION)
                .withCacheSyncTimeout(CACHE_SYNC)
                .withStopOnInformerErrorDuringStartup(false)
                .withInformerStoppedHandler((informer, cause) -> health.informerStopped(cause)));
        RegisteredController<IpTunnel> controller = operator.register(
                reconciler, NodeControllerConfiguration.of(options.nodeName(), operator.getConfigurationService()));
        kernel.watch(kernelEvents::handle);
        apiServer = new ApiServerAddresses(client, kernel::guard);
        apiServer.start(CACHE_SYNC);
        operator.start();
        tunnels.awaitFirstList(controller.getControllerHealthInfo());
        health.started(operator);
        periodic = resync.scheduleWithFixedDelay(
                () -> {
                    health.guard(apiServer::refresh);
                    health.guard(kernel::resync);
                    health.guard(orphans::sweep);
                },
                0,
                options.resync().toMillis(),
                TimeUnit.MILLISECONDS);
        log.atInfo()
                .addKeyValue("node", options.nodeName())
                .addKeyValue("manager", manager)
                .log("agent started");
    }

    /** The port of metrics and health. */
    public int httpPort() {
        return http.port();
    }

    @Override
    public void close() {
        health.stopping();
        periodic.cancel(true);
        resync.shutdownNow();
        operator.stop();
        apiServer.close();
        events.close();
        http.close();
    }
}
