package dev.iptunnel.cli;

import dev.iptunnel.agent.spec.SpecReader;
import dev.iptunnel.diagnosis.Diagnosis;
import dev.iptunnel.diagnosis.Result;
import dev.iptunnel.diagnosis.Traffic;
import dev.iptunnel.diagnosis.TunnelFacts;
import dev.iptunnel.diagnosis.report.DiagnosisJson;
import dev.iptunnel.diagnosis.report.DiagnosisText;
import dev.iptunnel.kernel.examine.CounterReading;
import dev.iptunnel.kernel.examine.Examination;
import dev.iptunnel.kernel.examine.Subject;
import dev.iptunnel.libc.NetlinkSocket;
import dev.iptunnel.manifest.ManifestReader;
import dev.iptunnel.manifest.NodeManifests;
import dev.iptunnel.netlink.Rtnetlink;
import dev.iptunnel.planner.Claims;
import dev.iptunnel.tunnel.Mark;
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
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.ITypeConverter;
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
            "Without NAME, every tunnel with a mark of iptunnel is looked at, and those of the files.",
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

    /** The formats of the output. */
    enum Format {
        TEXT,
        JSON
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
            description = "text or json. Default: ${DEFAULT-VALUE}.")
    private Format format = Format.TEXT;

    @Option(
            names = "--watch-counters",
            defaultValue = "2s",
            paramLabel = "DURATION",
            converter = SecondsConverter.class,
            description =
                    "How long the counters are watched, such as 10s; 0s leaves that out. Default: ${DEFAULT-VALUE}.")
    private Duration watch = Duration.ZERO;

    @Option(
            names = {"-f", "--filename"},
            paramLabel = "FILE",
            description =
                    "A file with IpTunnels, a directory of such files, or - for the standard input: the tunnels are"
                            + " compared with it. May be given several times.")
    private List<String> files = List.of();

    @Option(
            names = "--node-name",
            defaultValue = "${env:NODE_NAME}",
            paramLabel = "NAME",
            description = "Which spec.nodeName is this node. Default: the environment variable NODE_NAME.")
    private String nodeName = "";

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
        NodeManifests manifests = manifests();
        manifests.problems().forEach(problem -> command.getErr().println(problem));
        if (!manifests.problems().isEmpty()) {
            return ExitCode.SOFTWARE;
        }
        try (Examination examination = new Examination(new Rtnetlink(NetlinkSocket.open()))) {
            List<Diagnosis> diagnoses = diagnose(examination, subjects(examination, manifests));
            command.getOut().print(text(diagnoses));
            command.getOut().flush();
            return diagnoses.stream().anyMatch(diagnosis -> diagnosis.outcome() == Result.FAIL) ? FAILED : ExitCode.OK;
        }
    }

    private NodeManifests manifests() {
        return files.isEmpty()
                ? new NodeManifests(List.of(), List.of(), List.of())
                : NodeManifests.of(
                        ManifestReader.read(files, System.in), nodeName, new SpecReader(Mark.COMMAND, List.of()));
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
        if (format == Format.JSON) {
            return DiagnosisJson.of(diagnoses);
        }
        DiagnosisText text = new DiagnosisText(Ansi.AUTO.enabled());
        return name == null ? text.ofAll(diagnoses) : text.of(diagnoses.getFirst());
    }
}
