package dev.iptunnel.cli;

import dev.iptunnel.command.DeleteRun;
import dev.iptunnel.command.Report;
import dev.iptunnel.manifest.Manifests;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code iptunnel delete}: removes tunnels that {@code apply} made. */
@Command(
        name = "delete",
        description = {
            "Removes tunnels that `iptunnel apply` made, by the names of their IpTunnels or interfaces, or by files.",
            "Tunnels of others and fallback devices are never removed. A tunnel with deletionPolicy Retain stays, without its"
                    + " mark.",
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  iptunnel delete to-berlin",
            "  iptunnel delete -f tunnels.yaml --keep      # the tunnels stay, and belong to nobody",
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:the tunnels are gone, or without their marks",
            "1:there is no such tunnel, a file cannot be read, or the kernel refuses",
            "3:the tunnel belongs to somebody else",
            "4:another process writes the tunnels of this network namespace",
            "64:wrong usage",
        })
final class DeleteCommand implements Callable<Integer> {
    @Mixin
    private HelpOption help = new HelpOption();

    @Spec
    private @Nullable CommandSpec spec;

    @Parameters(arity = "0..*", paramLabel = "NAME", description = "The name of an IpTunnel or of an interface.")
    private List<String> names = List.of();

    @Mixin
    private FileOptions files = new FileOptions();

    @Option(names = "--keep", description = "Leave the tunnel as it is, and remove only the mark.")
    private boolean keep;

    @Mixin
    private WriterOptions writer = new WriterOptions();

    @Override
    public Integer call() {
        var command = Objects.requireNonNull(spec).commandLine();
        if (names.isEmpty() == files.isEmpty()) {
            throw new ParameterException(command, "write either NAME or -f FILE");
        }
        Report report = new Report(command.getOut(), command.getErr());
        Manifests manifests = files.read();
        report.problems(manifests.problems());
        writer.write("iptunnel delete", report, kernel -> {
            DeleteRun run = new DeleteRun(kernel, writer.node().tunnels(), writer.clusterOwned(), report);
            names.forEach(name -> run.delete(name, keep, false));
            manifests.tunnels().forEach(manifest -> run.delete(manifest.name(), keep, true));
        });
        return report.exit().code();
    }
}
