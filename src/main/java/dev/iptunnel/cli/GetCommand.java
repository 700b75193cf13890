package dev.iptunnel.cli;

import dev.iptunnel.command.ClusterOwned;
import dev.iptunnel.command.Exit;
import dev.iptunnel.command.GetRun;
import dev.iptunnel.command.Report;
import dev.iptunnel.kernel.inventory.PresentTunnel;
import dev.iptunnel.kernel.linux.LinuxTunnelKernel;
import dev.iptunnel.manifest.NodeManifests;
import dev.iptunnel.show.ShownTunnel;
import dev.iptunnel.show.TunnelCommands;
import dev.iptunnel.show.TunnelJson;
import dev.iptunnel.show.TunnelManifest;
import dev.iptunnel.show.TunnelTable;
import java.io.PrintWriter;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code iptunnel get}: shows tunnels and changes nothing. */
@Command(
        name = "get",
        description = {
            "Lists every IP-in-IP tunnel of this network namespace, whoever made it, and changes nothing.",
            "OWNER is IpTunnel/NAME (a cluster's), cli/NAME (applied by this command), other, or kernel (a fallback device)."
                    + " With -f, and in the agent's pod, SYNC compares with what is asked for.",
        },
        mixinStandardHelpOptions = true,
        footerHeading = "%nExamples:%n",
        footer = {
            "  iptunnel get                        # all tunnels",
            "  iptunnel get to-berlin -o wide      # one, with addresses, counters and the mark",
            "  iptunnel get -f tunnels.yaml        # beside what the file asks for",
            "  iptunnel get old0 -o yaml           # an IpTunnel that takes old0 over without a change",
            "  iptunnel get old0 -o ip             # the ip(8) commands that make old0",
            "  kubectl exec -n iptunnel-system ds/iptunnel-agent -- iptunnel get",
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:the tunnels are listed",
            "1:there is no such tunnel, or something cannot be read",
            "64:wrong usage"
        })
final class GetCommand implements Callable<Integer> {
    /** The formats, in the spelling of the command line. */
    enum Format {
        table,
        wide,
        json,
        yaml,
        ip
    }

    @Spec
    private @Nullable CommandSpec spec;

    @Parameters(
            arity = "0..1",
            paramLabel = "NAME",
            description = "The name of one interface or IpTunnel. Default: all.")
    private @Nullable String name;

    @Option(
            names = {"-o", "--output"},
            defaultValue = "table",
            paramLabel = "FORMAT",
            description = "table, wide, json, yaml (manifests) or ip (commands of ip(8)). Default: ${DEFAULT-VALUE}.")
    private Format format = Format.table;

    @Mixin
    private FileOptions files = new FileOptions();

    @Mixin
    private NodeOptions node = new NodeOptions();

    @Mixin
    private ClusterOptions cluster = new ClusterOptions();

    @Override
    public Integer call() {
        var command = Objects.requireNonNull(spec).commandLine();
        Report report = new Report(command.getOut(), command.getErr());
        List<PresentTunnel> present = node.tunnels();
        List<ShownTunnel> all = wanted(report)
                .map(manifests -> compare(present, manifests))
                .orElseGet(() -> present.stream().map(ShownTunnel::of).toList());
        List<ShownTunnel> chosen = all.stream().filter(this::isChosen).toList();
        if (name != null && chosen.isEmpty()) {
            report.failed(Exit.ERROR, name + ": there is no such tunnel in this network namespace");
        } else {
            print(chosen, command.getOut());
        }
        return report.exit().code();
    }

    private Optional<NodeManifests> wanted(Report report) {
        if (files.isEmpty()) {
            return cluster.read(node, report);
        }
        NodeManifests manifests = files.read(node);
        report.manifests(manifests, node.nodeName());
        return Optional.of(manifests);
    }

    private List<ShownTunnel> compare(List<PresentTunnel> present, NodeManifests manifests) {
        try (LinuxTunnelKernel kernel = node.open()) {
            return new GetRun(kernel, new ClusterOwned(true, node.nodeAddresses())).compare(present, manifests);
        }
    }

    private boolean isChosen(ShownTunnel tunnel) {
        return name == null || tunnel.isNamed(name);
    }

    private void print(List<ShownTunnel> tunnels, PrintWriter out) {
        switch (format) {
            case table, wide ->
                TunnelTable.lines(tunnels, format == Format.wide).forEach(out::println);
            case json -> out.println(TunnelJson.text(tunnels));
            case yaml ->
                out.println(present(tunnels)
                        .map(tunnel -> String.join("\n", TunnelManifest.of(tunnel, node.nodeName())))
                        .collect(Collectors.joining("\n---\n")));
            case ip ->
                present(tunnels)
                        .flatMap(tunnel -> TunnelCommands.of(tunnel).stream())
                        .forEach(out::println);
        }
        out.flush();
    }

    private static Stream<PresentTunnel> present(List<ShownTunnel> tunnels) {
        return tunnels.stream().flatMap(tunnel -> tunnel.present().stream());
    }
}
