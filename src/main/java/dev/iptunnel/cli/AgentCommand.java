package dev.iptunnel.cli;

import dev.iptunnel.agent.Agent;
import dev.iptunnel.agent.AgentOptions;
import dev.iptunnel.agent.cluster.NotYetException;
import dev.iptunnel.agent.cluster.StartRefusedException;
import dev.iptunnel.agent.confirm.ConfirmSettings;
import dev.iptunnel.agent.health.AgentMetrics;
import dev.iptunnel.agent.health.AgentProbes;
import dev.iptunnel.agent.lease.LeaseTerms;
import dev.iptunnel.apiserver.ApiServerConnection;
import dev.iptunnel.apiserver.ApiServerContact;
import dev.iptunnel.kernel.KernelRelease;
import dev.iptunnel.kernel.WriterLock;
import dev.iptunnel.kernel.linux.LinuxTunnelKernel;
import dev.iptunnel.libc.LibcException;
import dev.iptunnel.netlink.message.NetlinkException;
import dev.iptunnel.schedule.Clocks;
import dev.iptunnel.scrape.SecureMetrics;
import dev.iptunnel.scrape.ServerTls;
import dev.iptunnel.tunnel.IpPrefix;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Option;

/** {@code iptunnel agent}: runs the operator of one node until it is stopped. */
@Command(
        name = "agent",
        description =
                "Keeps this node's tunnels as its IpTunnel objects ask, until it is stopped. The tunnels stay when it stops.",
        mixinStandardHelpOptions = true)
final class AgentCommand implements Callable<Integer> {
    private static final Logger log = LoggerFactory.getLogger(AgentCommand.class);

    /** The appenders of logback.xml; without one of them there is no log. */
    private static final Set<String> LOG_FORMATS = Set.of("json", "text");

    @Option(
            names = "--node-name",
            defaultValue = "${env:NODE_NAME}",
            paramLabel = "NAME",
            description = "The name of this node's Node object. Default: the environment variable NODE_NAME.")
    private String nodeName = "";

    @Option(
            names = "--node-addresses",
            defaultValue = "${env:NODE_ADDRESSES}",
            paramLabel = "ADDRESS,...",
            description =
                    "This node's own addresses, for spec.localFrom of type NodeAddress. Default: the environment variable"
                            + " NODE_ADDRESSES.")
    private String nodeAddresses = "";

    @Option(
            names = "--protected-networks",
            defaultValue = "${env:PROTECTED_NETWORKS}",
            paramLabel = "CIDR,...",
            description =
                    "Networks that no route or address of a tunnel may take over, in whole or in part, such as those of"
                            + " Services and pods. Default: the environment variable PROTECTED_NETWORKS.")
    private String protectedNetworks = "";

    @Option(
            names = "--ipv6-sysctls",
            defaultValue = "${env:IPV6_SYSCTLS:-/proc/sys/net/ipv6}",
            paramLabel = "DIRECTORY",
            description =
                    "Where the kernel's IPv6 settings can be written, to refuse router advertisements and redirects from"
                            + " tunnels. Default: the environment variable IPV6_SYSCTLS, else /proc/sys/net/ipv6.")
    private Path inet6Sysctls = LinuxTunnelKernel.SYSCTLS;

    @Option(
            names = "--http-address",
            defaultValue = "127.0.0.1:9811",
            paramLabel = "ADDRESS:PORT",
            description =
                    "The address for /metrics, /livez, /readyz, and, over loopback only, /statusz and /loglevel. Default:"
                            + " ${DEFAULT-VALUE}.")
    private String httpAddress = "";

    @Option(
            names = "--metrics-address",
            defaultValue = "${env:METRICS_ADDRESS}",
            paramLabel = "ADDRESS:PORT",
            description =
                    "Serves /metrics there over TLS as well, for bearers of a token whose user may GET /metrics by RBAC."
                            + " Default: the environment variable METRICS_ADDRESS, else nowhere.")
    private String metricsAddress = "";

    @Option(
            names = "--metrics-certificates",
            defaultValue = "${env:METRICS_CERTIFICATES}",
            paramLabel = "DIRECTORY",
            description =
                    "Where tls.crt and tls.key for --metrics-address are; read again when they change. Default: the"
                            + " environment variable METRICS_CERTIFICATES, else a certificate that the agent makes at its start.")
    private String metricsCertificates = "";

    @Option(
            names = "--metrics-per-tunnel",
            defaultValue = "${env:METRICS_PER_TUNNEL:-full}",
            paramLabel = "full|basic|none",
            description =
                    "Which metrics there are of each tunnel: all, only what it is, whether it is ready and the bytes, or none."
                            + " Default: the environment variable METRICS_PER_TUNNEL, else full.")
    private String metricsPerTunnel = "";

    @Option(
            names = "--resync",
            defaultValue = "PT1M",
            paramLabel = "DURATION",
            description =
                    "How often every tunnel is compared with the kernel without an event. Default: ${DEFAULT-VALUE}.")
    private Duration resync = Duration.ZERO;

    @Option(
            names = "--lease-namespace",
            defaultValue = "${env:LEASE_NAMESPACE}",
            paramLabel = "NAMESPACE",
            description = "Where the agent renews its Lease, by which the controller knows that it works. Default: the"
                    + " environment variable LEASE_NAMESPACE, else there is no Lease.")
    private String leaseNamespace = "";

    @Option(
            names = "--lease",
            defaultValue = "true",
            arity = "1",
            paramLabel = "true|false",
            description = "false: there is no Lease, whatever --lease-namespace says. Default: ${DEFAULT-VALUE}.")
    private boolean lease = true;

    @Option(
            names = "--confirm-seconds",
            defaultValue = "30",
            paramLabel = "SECONDS",
            description =
                    "How long the API server may be silent after a change that may cut this node off, before the change is"
                            + " undone; 0: it is not undone; at most 300. Default: ${DEFAULT-VALUE}.")
    private int confirmSeconds;

    @Option(
            names = "--state-directory",
            defaultValue = "${env:STATE_DIRECTORY}",
            paramLabel = "DIRECTORY",
            description =
                    "Where the agent remembers such changes over a restart of itself or of the node. Default: the environment"
                            + " variable STATE_DIRECTORY, else nowhere.")
    private String stateDirectory = "";

    @Override
    public Integer call() throws InterruptedException {
        String format = System.getenv("LOG_FORMAT");
        if (format != null && !LOG_FORMATS.contains(format)) {
            System.err.println("not started: LOG_FORMAT \"" + format + "\": write json or text");
            return ExitCode.USAGE;
        }
        try {
            run();
            return ExitCode.OK;
        } catch (StartRefusedException e) {
            log.atError().log("not started: {}", e.getMessage());
            return ExitCode.SOFTWARE;
        }
    }

    private void run() throws InterruptedException {
        if (nodeName == null || nodeName.isBlank()) {
            throw new StartRefusedException("the agent does not know its node's name: set NODE_NAME or --node-name");
        }
        ApiServerContact contact = new ApiServerContact(Clock.systemUTC());
        AgentOptions options = new AgentOptions(
                nodeName,
                OptionValues.addresses(nodeAddresses),
                OptionValues.socketAddress("--http-address", httpAddress),
                resync,
                lease(contact),
                new ConfirmSettings(
                        OptionValues.confirmation(confirmSeconds),
                        Optional.ofNullable(stateDirectory)
                                .filter(folder -> !folder.isBlank())
                                .map(Path::of)));
        List<IpPrefix> guarded = OptionValues.networks(protectedNetworks);
        KernelRelease.running().lack().ifPresent(lack -> log.atWarn().log(lack));
        AgentMetrics metrics = new AgentMetrics(OptionValues.perTunnel(metricsPerTunnel));
        metrics.build(ProgramVersion.text(), Runtime.version().toString());
        metrics.watchApiServer(contact::last, contact::restarts);
        Optional<InetSocketAddress> secure = Optional.ofNullable(metricsAddress)
                .filter(address -> !address.isBlank())
                .map(address -> OptionValues.socketAddress("--metrics-address", address));
        try (Termination end = new Termination("the agent did not close in time; its tunnels stay as they are");
                AgentProbes probes = probes(options, metrics, contact);
                WriterLock lock = lock(probes);
                KubernetesClient client = probes.await(() -> connect(contact));
                Closing served = closing(secure.map(address -> serve(address, options, client, metrics)));
                LinuxTunnelKernel kernel =
                        probes.await(() -> open(client.getConfiguration(), guarded, inet6Sysctls, metrics));
                Agent agent = Agent.start(options, client, kernel, metrics, Clocks.system(), probes)) {
            log.atDebug().log("{} holds {}, serves on port {}, {}", nodeName, lock, agent.httpPort(), served);
            end.await();
        }
    }

    private Optional<LeaseTerms> lease(ApiServerContact contact) {
        return Optional.ofNullable(leaseNamespace)
                .filter(namespace -> lease && !namespace.isBlank())
                .map(namespace -> new LeaseTerms(namespace, () -> contact.silence("iptunnels")));
    }

    private static AgentProbes probes(AgentOptions options, AgentMetrics metrics, ApiServerContact contact) {
        AgentProbes probes = new AgentProbes(options.httpAddress(), metrics);
        AgentStatus.describe(probes.status(), options.nodeName(), ProgramVersion.text(), contact);
        return probes;
    }

    /** What is closed at the end. */
    private interface Closing extends AutoCloseable {
        @Override
        void close();
    }

    private static Closing closing(Optional<SecureMetrics> server) {
        return () -> server.ifPresent(SecureMetrics::close);
    }

    private WriterLock lock(AgentProbes probes) {
        Thread.setDefaultUncaughtExceptionHandler(probes::uncaught);
        WriterLock lock = WriterLock.acquire("the agent of node " + nodeName, probes::waitingFor);
        probes.status().add("writer's lock", () -> "held by this process");
        return lock;
    }

    private SecureMetrics serve(
            InetSocketAddress address, AgentOptions options, KubernetesClient client, AgentMetrics metrics) {
        ServerTls tls = metricsCertificates == null || metricsCertificates.isBlank()
                ? ServerTls.selfSigned(options.nodeName(), options.nodeAddresses())
                : ServerTls.mounted(Path.of(metricsCertificates));
        return SecureMetrics.serve(address, tls, client, metrics::page);
    }

    /** What it needs, such as the CA file, may appear later. */
    private static KubernetesClient connect(ApiServerContact contact) {
        try {
            return ApiServerConnection.open(config(), contact);
        } catch (KubernetesClientException e) {
            throw new NotYetException("the API server cannot be connected to: " + e.getMessage());
        }
    }

    private static LinuxTunnelKernel open(
            Config config, List<IpPrefix> guarded, Path inet6Sysctls, AgentMetrics metrics) {
        List<InetAddress> apiServer = apiServer(config);
        try {
            return LinuxTunnelKernel.open(apiServer, guarded, inet6Sysctls, metrics.operations());
        } catch (LibcException | NetlinkException e) {
            throw new NotYetException("the kernel cannot be asked: " + e.getMessage());
        }
    }

    /** The client retries only a few times, because the agent retries by itself, and reports that. */
    private static Config config() {
        return new ConfigBuilder()
                .withAutoConfigure()
                .withRequestRetryBackoffLimit(2)
                .build();
    }

    /** The addresses of the API server; no route of a tunnel may take them over. */
    private static List<InetAddress> apiServer(Config config) {
        String host = URI.create(config.getMasterUrl()).getHost();
        try {
            return List.of(InetAddress.getAllByName(host));
        } catch (UnknownHostException e) {
            throw new NotYetException("the API server's host \"" + host + "\" has no address: " + e.getMessage());
        }
    }
}
