package dev.iptunnel.cli;

import dev.iptunnel.apiserver.ApiServerConnection;
import dev.iptunnel.apiserver.ApiServerContact;
import dev.iptunnel.controller.Controller;
import dev.iptunnel.controller.ControllerOptions;
import dev.iptunnel.controller.health.ControllerMetrics;
import dev.iptunnel.schedule.Clocks;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Clock;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Option;

/** {@code iptunnel controller}: follows the IpTunnelSets of a cluster until it is stopped. */
@Command(
        name = "controller",
        description =
                "Makes IpTunnels as the cluster's IpTunnelSets ask, and marks those of agents that do not respond, until it"
                        + " is stopped. The IpTunnels stay when it stops. Several of them elect a leader.",
        mixinStandardHelpOptions = true)
final class ControllerCommand implements Callable<Integer> {
    private static final Logger log = LoggerFactory.getLogger(ControllerCommand.class);
    private static final int LOST = 70;

    @Option(
            names = "--namespace",
            defaultValue = "${env:POD_NAMESPACE}",
            paramLabel = "NAME",
            description =
                    "The namespace of its Lease, of the sets' inner addresses and revisions, and of the agents' Leases."
                            + " Default: the environment variable POD_NAMESPACE.")
    private String namespace = "";

    @Option(
            names = "--identity",
            defaultValue = "${env:POD_NAME}",
            paramLabel = "NAME",
            description = "How it calls itself in the election. Default: the environment variable POD_NAME.")
    private String identity = "";

    @Option(
            names = "--http-address",
            defaultValue = "127.0.0.1:9813",
            paramLabel = "ADDRESS:PORT",
            description =
                    "The address for /metrics, /livez, /readyz, and, over loopback only, /statusz and /loglevel. Default:"
                            + " ${DEFAULT-VALUE}.")
    private String httpAddress = "";

    @Override
    public Integer call() throws InterruptedException {
        if (isMissing(namespace) || isMissing(identity)) {
            System.err.println(
                    "not started: the controller does not know its namespace and its name: set POD_NAMESPACE and"
                            + " POD_NAME, or --namespace and --identity");
            return ExitCode.USAGE;
        }
        ControllerOptions options =
                new ControllerOptions(namespace, identity, OptionValues.socketAddress("--http-address", httpAddress));
        ControllerMetrics metrics = new ControllerMetrics();
        metrics.build(ProgramVersion.text(), Runtime.version().toString());
        ApiServerContact contact = new ApiServerContact(Clock.systemUTC());
        try (Termination end = new Termination("the controller did not close in time");
                KubernetesClient client = connect(contact);
                Controller controller = new Controller(
                        options, client, contact, metrics, Clocks.system(), ControllerCommand::endAtOnce)) {
            Thread leading = Thread.ofPlatform().daemon().name("leading").start(() -> lead(controller));
            log.atDebug().log("serves on port {}", controller.httpPort());
            end.await();
            leading.interrupt();
            return ExitCode.OK;
        }
    }

    private static boolean isMissing(String value) {
        return Optional.ofNullable(value).filter(text -> !text.isBlank()).isEmpty();
    }

    private static void lead(Controller controller) {
        try {
            controller.lead();
        } catch (InterruptedException e) {
            log.atDebug().log("stopped before it led");
        }
    }

    /** Another one may lead already: nothing more may be written, so nothing is closed in order. */
    private static void endAtOnce() {
        log.atError().log("this controller does not lead any more; the process ends");
        Runtime.getRuntime().halt(LOST);
    }

    private static KubernetesClient connect(ApiServerContact contact) throws InterruptedException {
        Config config = new ConfigBuilder()
                .withAutoConfigure()
                .withRequestRetryBackoffLimit(2)
                .build();
        while (true) {
            try {
                return ApiServerConnection.open(config, contact);
            } catch (KubernetesClientException e) {
                log.atWarn().log("the API server cannot be connected to, will retry: {}", e.getMessage());
                TimeUnit.SECONDS.sleep(2);
            }
        }
    }
}
