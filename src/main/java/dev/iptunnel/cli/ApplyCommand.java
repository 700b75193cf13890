package dev.iptunnel.cli;

import dev.iptunnel.command.ApplyRun;
import dev.iptunnel.command.Confirmation;
import dev.iptunnel.command.DeleteRun;
import dev.iptunnel.command.Report;
import dev.iptunnel.command.UndoRun;
import dev.iptunnel.manifest.NodeManifests;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code iptunnel apply}: makes the kernel hold what manifests ask for. */
@Command(
        name = "apply",
        description = {
            "Makes the kernel hold what the files ask for, once, and prints a line for each tunnel. It needs the capability"
                    + " NET_ADMIN, and no Kubernetes.",
            "While the agent of a cluster runs on the node, nothing is changed: change its IpTunnels instead.",
        },
        mixinStandardHelpOptions = true,
        footerHeading = "%nExamples:%n",
        footer = {
            "  iptunnel apply -f tunnels.yaml",
            "  iptunnel apply -f /etc/iptunnel/tunnels.d --prune",
            "  iptunnel apply -f tunnels.yaml --confirm",
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:the kernel holds what the files ask for",
            "1:a file cannot be read, or the kernel refuses",
            "3:something is refused, for the reason that is printed",
            "4:another process writes the tunnels of this network namespace",
            "6:nobody confirmed the changes, and they were undone",
            "64:wrong usage",
        })
final class ApplyCommand implements Callable<Integer> {
    private static final int MOST_SECONDS = 3600;

    @Spec
    private @Nullable CommandSpec spec;

    @ArgGroup(exclusive = false, multiplicity = "1")
    private FileOptions files = new FileOptions();

    @Option(
            names = "--prune",
            description =
                    "Remove the tunnels that this command applied before and that no file has any more. Nothing is removed"
                            + " if a file has an error, or if there is no IpTunnel at all.")
    private boolean prune;

    @Option(
            names = "--confirm",
            arity = "0..1",
            fallbackValue = "30",
            paramLabel = "SECONDS",
            description =
                    "Undo all changes unless Enter is pressed within so many seconds, 1 to 3600; 30 without a number. For"
                            + " changes that may cut the connection by which you see this node.")
    private @Nullable Integer confirmSeconds;

    @Mixin
    private WriterOptions writer = new WriterOptions();

    @Override
    public Integer call() {
        var command = Objects.requireNonNull(spec).commandLine();
        Report report = new Report(command.getOut(), command.getErr());
        Optional<Duration> patience = patience(command);
        NodeManifests manifests = files.read(writer.node());
        report.manifests(manifests, writer.node().nodeName());
        writer.write("iptunnel apply", report, kernel -> {
            UndoRun undo = new UndoRun(
                    kernel,
                    writer.node().nodeName(),
                    writer.node().nodeAddresses(),
                    writer.node().tunnels());
            new ApplyRun(kernel, manifests, writer.clusterOwned(), report).run();
            if (prune) {
                new DeleteRun(kernel, writer.node().tunnels(), writer.clusterOwned(), report).prune(manifests);
            }
            patience.filter(_ -> undo.hasChanges(writer.node().tunnels()))
                    .ifPresent(time -> new Confirmation(System.in, time, report)
                            .orElse(() -> undo.run(writer.node().tunnels(), report)));
        });
        return report.exit().code();
    }

    private Optional<Duration> patience(CommandLine command) {
        if (confirmSeconds == null) {
            return Optional.empty();
        }
        if (confirmSeconds < 1 || confirmSeconds > MOST_SECONDS) {
            throw new ParameterException(
                    command, "--confirm \"" + confirmSeconds + "\": write 1 to " + MOST_SECONDS + " seconds");
        }
        if (files.isStandardInput()) {
            throw new ParameterException(
                    command, "--confirm reads the standard input, and so does -f -: write -f FILE");
        }
        return Optional.of(Duration.ofSeconds(confirmSeconds));
    }
}
