package dev.iptunnel.cli;

import dev.iptunnel.command.PlanRun;
import dev.iptunnel.command.Report;
import dev.iptunnel.kernel.linux.LinuxTunnelKernel;
import dev.iptunnel.manifest.NodeManifests;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code iptunnel plan}: says what {@code apply} would do. */
@Command(
        name = "plan",
        description = {
            "Prints what `iptunnel apply` would do, as commands of ip(8), and changes nothing.",
            "A plan that interrupts traffic says so, and why.",
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  iptunnel plan -f tunnels.yaml",
            "  kubectl get ipt -o yaml | iptunnel plan -f -",
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:nothing is to be done",
            "1:a manifest or the kernel cannot be read",
            "2:there are changes to make",
            "3:something is refused, for the reason that is printed",
            "64:wrong usage",
        })
final class PlanCommand implements Callable<Integer> {
    @Mixin
    private HelpOption help = new HelpOption();

    @Spec
    private @Nullable CommandSpec spec;

    @ArgGroup(exclusive = false, multiplicity = "1")
    private FileOptions files = new FileOptions();

    @Mixin
    private WriterOptions writer = new WriterOptions();

    @Override
    public Integer call() {
        var command = Objects.requireNonNull(spec).commandLine();
        Report report = new Report(command.getOut(), command.getErr());
        NodeManifests manifests = files.read(writer.node());
        report.manifests(manifests, writer.node().nodeName());
        try (LinuxTunnelKernel kernel = writer.node().open()) {
            new PlanRun(kernel, manifests, writer.clusterOwned(), report).run();
        }
        return report.exit().code();
    }
}
