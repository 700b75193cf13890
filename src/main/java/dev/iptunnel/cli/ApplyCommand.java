package dev.iptunnel.cli;

import dev.iptunnel.command.ApplyRun;
import dev.iptunnel.command.DeleteRun;
import dev.iptunnel.command.Report;
import dev.iptunnel.manifest.NodeManifests;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code iptunnel apply}: makes the kernel hold what manifests ask for. */
@Command(
        name = "apply",
        description = {
            "Makes the kernel hold what the files ask for, once, and prints a line for each tunnel. It needs the capability"
                    + " NET_ADMIN, and no Kubernetes.",
            "While the agent of a cluster runs on the node, nothing is changed: change its IpTunnels instead.",
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  iptunnel apply -f tunnels.yaml",
            "  iptunnel apply -f /etc/iptunnel/tunnels.d --prune",
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:the kernel holds what the files ask for",
            "1:a file cannot be read, or the kernel refuses",
            "3:something is refused, for the reason that is printed",
            "4:another process writes the tunnels of this network namespace",
            "64:wrong usage",
        })
final class ApplyCommand implements Callable<Integer> {
    @Mixin
    private HelpOption help = new HelpOption();

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

    @Mixin
    private WriterOptions writer = new WriterOptions();

    @Override
    public Integer call() {
        var command = Objects.requireNonNull(spec).commandLine();
        Report report = new Report(command.getOut(), command.getErr());
        NodeManifests manifests = files.read(writer.node());
        report.manifests(manifests, writer.node().nodeName());
        writer.write("iptunnel apply", report, kernel -> {
            new ApplyRun(kernel, manifests, writer.clusterOwned(), report).run();
            if (prune) {
                new DeleteRun(kernel, writer.node().tunnels(), writer.clusterOwned(), report).prune(manifests);
            }
        });
        return report.exit().code();
    }
}
