package dev.iptunnel.cli;

import dev.iptunnel.command.ClusterOwned;
import dev.iptunnel.command.Exit;
import dev.iptunnel.command.Report;
import dev.iptunnel.diagnosis.Diagnosis;
import dev.iptunnel.diagnosis.Result;
import dev.iptunnel.diagnosis.Traffic;
import dev.iptunnel.diagnosis.TunnelFacts;
import dev.iptunnel.diagnosis.report.DiagnosisJson;
import dev.iptunnel.diagnosis.report.DiagnosisText;
import dev.iptunnel.kernel.examine.CounterReading;
import dev.iptunnel.kernel.examine.Examination;
import dev.iptunnel.kernel.examine.Subject;
import dev.iptunnel.manifest.NodeManifests;
import dev.iptunnel.planner.Claims;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** {@code iptunnel diagnose}: why a tunnel of this node does not carry packets. */
@Command(
        name = "diagnose",
        description = {
            "Looks for the reason why a tunnel of this node does not carry packets, and names it. Changes nothing.",
            "Without NAME, every tunnel with a mark of iptunnel is looked at, and those that are asked for: by the files of -f,"
                    + " or in the agent's pod by the IpTunnels of this node.",
        },
        mixinStandardHelpOptions = true,
        footerHeading = "%nExamples:%n",
        footer = {
            "  iptunnel diagnose",
            "  iptunnel diagnose tun-b --watch-counters 10s",
            "  kubectl exec -n iptunnel-system ds/iptunnel-agent -- iptunnel diagnose -o json",
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:nothing failed",
            "1:the kernel or a file cannot be read",
            "5:something failed",
            "64:wrong usage"
        })
final class DiagnoseCommand implements Callable<Integer> {
    private static final int FAILED = 5;

    /** The formats, in the spelling of the command line. */
    enum Format {
        text,
        json
    }

    @Spec
    private @Nullable CommandSpec spec;

    @Parameters(
            arity = "0..1",
            paramLabel = "NAME",
            description = "The tunnel's interface, or the name of its IpTunnel.")
    private @Nullable String name;

    @Option(
            names = {"-o", "--output"},
            defaultValue = "text",
            paramLabel = "FORMAT",
            description = "text or json. Default: ${DEFAULT-VALUE}.")
    private Format format = Format.text;

    @Option(
            names = "--watch-counters",
            defaultValue = "2s",
            paramLabel = "DURATION",
            converter = SecondsConverter.class,
            description =
                    "How long the counters are watched, such as 10s; 0s leaves that out. Default: ${DEFAULT-VALUE}.")
    private Duration watch = Duration.ZERO;

    @Mixin
    private FileOptions files = new FileOptions();

    @Mixin
    private NodeOptions node = new NodeOptions();

    @Mixin
    private ClusterOptions cluster = new ClusterOptions();

    /** {@code 2s}, {@code 500ms}, {@code 1m}. */
    static final class SecondsConverter implements ITypeConverter<Duration> {
        private static final Pattern WORD = Pattern.compile("([0-9]{1,6})(ms|s|m)");

        @Override
        public Duration convert(String text) {
            Matcher word = WORD.matcher(text);
            if (!word.matches()) {
                throw new TypeConversionException("\"" + text + "\" is no duration; write it as 2s, 500ms or 1m");
            }
            long number = Long.parseLong(word.group(1));
            return switch (word.group(2)) {
                case "ms" -> Duration.ofMillis(number);
                case "s" -> Duration.ofSeconds(number);
                default -> Duration.ofMinutes(number);
            };
        }
    }

    @Override
    public Integer call() throws InterruptedException {
        CommandLine command = Objects.requireNonNull(spec).commandLine();
        Report report = new Report(command.getOut(), command.getErr());
        NodeManifests asked = asked(report);
        if (report.exit() != Exit.OK) {
            return report.exit().code();
        }
        try (Examination examination = node.examine()) {
            NodeManifests manifests = new ClusterOwned(true, node.nodeAddresses())
                    .adapted(asked, desired -> examination.link(desired.interfaceName()));
            List<Diagnosis> diagnoses = diagnose(examination, subjects(examination, manifests));
            command.getOut().print(text(diagnoses));
            command.getOut().flush();
            return diagnoses.stream().anyMatch(diagnosis -> diagnosis.outcome() == Result.FAIL)
                    ? FAILED
                    : Exit.OK.code();
        }
    }

    private NodeManifests asked(Report report) {
        if (files.isEmpty()) {
            return cluster.read(node, report).orElse(new NodeManifests(List.of(), List.of(), List.of()));
        }
        NodeManifests manifests = files.read(node);
        report.manifests(manifests, node.nodeName());
        return manifests;
    }

    private List<Subject> subjects(Examination examination, NodeManifests manifests) {
        List<Subject> wanted = manifests.wanted().stream()
                .map(tunnel -> new Subject(
                        tunnel.desired().interfaceName(), Optional.of(tunnel.desired()), manifests.claims()))
                .toList();
        return name == null
                ? all(examination, wanted, manifests.claims())
                : List.of(one(examination, name, wanted, manifests.claims()));
    }

    private static List<Subject> all(Examination examination, List<Subject> wanted, Claims claims) {
        Set<String> known = wanted.stream().map(Subject::name).collect(Collectors.toSet());
        return Stream.concat(
                        wanted.stream(),
                        examination.marked().stream()
                                .filter(found -> !known.contains(found))
                                .map(found -> new Subject(found, Optional.empty(), claims)))
                .toList();
    }

    private static Subject one(Examination examination, String name, List<Subject> wanted, Claims claims) {
        return wanted.stream()
                .filter(subject -> subject.name().equals(name)
                        || subject.desired()
                                .filter(desired -> desired.mark().name().equals(name))
                                .isPresent())
                .findFirst()
                .orElseGet(() -> new Subject(examination.interfaceOf(name), Optional.empty(), claims));
    }

    private List<Diagnosis> diagnose(Examination examination, List<Subject> subjects) throws InterruptedException {
        List<String> names = subjects.stream().map(Subject::name).toList();
        CounterReading before = examination.counters(names);
        List<TunnelFacts> facts = subjects.stream().map(examination::examine).toList();
        if (watch.isZero()) {
            return facts.stream()
                    .map(known -> Diagnosis.of(known, Optional.empty()))
                    .toList();
        }
        Thread.sleep(Collections.max(List.of(Duration.ZERO, watch.minus(before.untilNow()))));
        CounterReading after = examination.counters(names);
        return facts.stream()
                .map(known -> Diagnosis.of(
                        known, Optional.of(Traffic.of(after.since(before), before.of(known), after.of(known)))))
                .toList();
    }

    private String text(List<Diagnosis> diagnoses) {
        if (format == Format.json) {
            return DiagnosisJson.of(diagnoses);
        }
        DiagnosisText text = new DiagnosisText(Ansi.AUTO.enabled());
        return name == null ? text.ofAll(diagnoses) : text.of(diagnoses.getFirst());
    }
}
