package dev.iptunnel.cli;

import dev.iptunnel.api.v1alpha1.IpTunnel;
import dev.iptunnel.apiserver.ApiServerConnection;
import dev.iptunnel.map.MermaidMap;
import dev.iptunnel.map.SvgMap;
import dev.iptunnel.map.Topology;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code iptunnel map}: draws nodes and tunnels. */
@Command(
        name = "map",
        description = {
            "Draws the nodes and the tunnels between them, and prints the picture.",
            "A tunnel's far end is the node with the tunnel that mirrors it, else the node that has the remote address,"
                    + " else an endpoint outside. Colour and pattern of a line show the readiness of each end.",
            "It only reads.",
        },
        mixinStandardHelpOptions = true,
        footerHeading = "%nExamples:%n",
        footer = {
            "  iptunnel map >tunnels.svg",
            "  kubectl get ipt,nodes -o json | iptunnel map -f - -o mermaid",
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:the picture was printed",
            "1:a file or the kubeconfig cannot be read, or the API server does not answer",
            "64:wrong usage"
        })
final class MapCommand implements Callable<Integer> {
    private static final Path STANDARD_INPUT = Path.of("-");

    /** The formats, in the spelling of the command line. */
    enum Format {
        svg,
        mermaid;

        String draw(Topology topology) {
            return switch (this) {
                case svg -> SvgMap.of(topology);
                case mermaid -> MermaidMap.of(topology);
            };
        }
    }

    @Option(
            names = {"-f", "--filename"},
            paramLabel = "FILE",
            description =
                    "What to draw: the output of `kubectl get ipt -o json`, or of `kubectl get ipt,nodes -o json`, as JSON"
                            + " or YAML; - is the standard input. Default: what the API server has.")
    private @Nullable Path file;

    @Option(
            names = {"-o", "--output"},
            defaultValue = "svg",
            paramLabel = "FORMAT",
            description = "${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
    private Format format = Format.svg;

    @Option(
            names = "--kubeconfig",
            paramLabel = "FILE",
            description =
                    "How to reach the API server. Default: the environment variable KUBECONFIG, else ~/.kube/config, else"
                            + " the pod's service account.")
    private @Nullable Path kubeconfig;

    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public Integer call() {
        CommandLine terminal = Objects.requireNonNull(spec).commandLine();
        try {
            DrawnObjects objects = file == null ? ofCluster() : drawn(file);
            terminal.getOut().print(format.draw(objects.topology()));
            terminal.getOut().flush();
            return ExitCode.OK;
        } catch (IllegalArgumentException e) {
            terminal.getErr().println("iptunnel map: " + e.getMessage());
            return ExitCode.SOFTWARE;
        }
    }

    private static DrawnObjects drawn(Path file) {
        boolean standardInput = file.equals(STANDARD_INPUT);
        String source = standardInput ? "the standard input" : file.toString();
        try {
            byte[] bytes = standardInput ? System.in.readAllBytes() : Files.readAllBytes(file);
            return DrawnObjects.read(source, new String(bytes, StandardCharsets.UTF_8));
        } catch (NoSuchFileException e) {
            throw new IllegalArgumentException(source + " cannot be read: there is no such file", e);
        } catch (AccessDeniedException e) {
            throw new IllegalArgumentException(source + " cannot be read: this user may not read it", e);
        } catch (IOException e) {
            throw new IllegalArgumentException(source + " cannot be read: " + e.getMessage(), e);
        }
    }

    private DrawnObjects ofCluster() {
        Config config = config();
        try (KubernetesClient client = ApiServerConnection.open(config)) {
            DrawnObjects objects = new DrawnObjects();
            client.resources(IpTunnel.class).list().getItems().forEach(objects::add);
            addNodes(client, objects);
            return objects;
        } catch (KubernetesClientException e) {
            throw new IllegalArgumentException(
                    "the API server " + config.getMasterUrl() + " was asked in vain: " + oneLine(e), e);
        }
    }

    /** Nodes only help to match far ends: who may not list them gets a picture all the same. */
    private static void addNodes(KubernetesClient client, DrawnObjects objects) {
        try {
            client.nodes().list().getItems().forEach(objects::add);
        } catch (KubernetesClientException e) {
            if (e.getCode() != HttpURLConnection.HTTP_FORBIDDEN) {
                throw e;
            }
        }
    }

    private static String oneLine(RuntimeException e) {
        Throwable cause = e;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        String message = Optional.ofNullable(cause.getMessage()).orElse(cause.toString());
        return message.replaceAll("\\s+", " ").strip();
    }

    /** Fabric8 by itself would go on with a cluster of its own choice if the file cannot be read. */
    private Config config() {
        Optional<Path> given = Optional.ofNullable(kubeconfig).or(() -> Optional.ofNullable(System.getenv("KUBECONFIG"))
                .filter(text -> !text.isBlank())
                .map(Path::of));
        Optional<Path> found = given.or(() -> Optional.of(Path.of(System.getProperty("user.home"), ".kube", "config"))
                .filter(Files::exists));
        return new ConfigBuilder(found.map(MapCommand::ofFile).orElseGet(MapCommand::ofPod))
                .withRequestRetryBackoffLimit(1)
                .build();
    }

    private static Config ofFile(Path kubeconfig) {
        String unusable = "the kubeconfig " + kubeconfig + " cannot be used: ";
        if (!Files.exists(kubeconfig)) {
            throw new IllegalArgumentException(unusable + "there is no such file");
        }
        try {
            return Config.fromKubeconfig(kubeconfig.toFile());
        } catch (RuntimeException e) { // of Jackson, of the YAML parser and of Fabric8
            throw new IllegalArgumentException(unusable + oneLine(e), e);
        }
    }

    private static Config ofPod() {
        Config config = new ConfigBuilder().withAutoConfigure().build();
        if (config.getOauthToken() == null && config.getAutoOAuthToken() == null) {
            throw new IllegalArgumentException(
                    "there is no kubeconfig: write --kubeconfig FILE, set KUBECONFIG, or draw a file with -f FILE");
        }
        return config;
    }
}
