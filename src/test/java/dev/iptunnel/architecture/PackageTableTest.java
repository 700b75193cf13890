package dev.iptunnel.architecture;

import static com.tngtech.archunit.base.DescribedPredicate.alwaysTrue;
import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaPackage;
import com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** Holds the table of packages of the design: what each may import, of ours and of others. */
class PackageTableTest {
    private static final String ROOT = "dev.iptunnel.";
    private static final JavaClasses MAIN = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("dev.iptunnel");

    private static final List<String> EVERYWHERE = List.of("java..", "org.jspecify.annotations..");
    private static final String[] MODEL = {
        "io.fabric8.kubernetes.api.model..",
        "io.fabric8.kubernetes.model.annotation..",
        "io.fabric8.generator.annotation..",
        "io.fabric8.crd.generator.annotation..",
        "com.fasterxml.jackson.annotation..",
        // CustomResource, which the client brings.
        "io.fabric8.kubernetes.client",
    };
    private static final String CLIENT = "io.fabric8.kubernetes..";

    /** A row: a package, those of ours that it may import, and the libraries. */
    record Row(String name, List<String> ours, List<String> libraries) {
        static Row of(String name, List<String> ours, String... libraries) {
            return new Row(name, ours, List.of(libraries));
        }

        String packageName() {
            return ROOT + name;
        }

        String[] allowed() {
            return Stream.of(
                            Stream.of(packageName()),
                            ours.stream().map(other -> ROOT + other),
                            EVERYWHERE.stream(),
                            libraries.stream())
                    .flatMap(packages -> packages)
                    .toArray(String[]::new);
        }

        @Override
        public String toString() {
            return name;
        }
    }

    private static final String LOG = "org.slf4j..";
    private static final String OPERATOR_SDK = "io.javaoperatorsdk..";
    private static final String MICROMETER = "io.micrometer..";
    private static final int MOST_FILES = 20;

    static final List<Row> TABLE = List.of(
            Row.of("api.v1alpha1", List.of(), MODEL),
            Row.of(
                    "api.v1alpha1.set",
                    List.of(),
                    Stream.concat(Arrays.stream(MODEL), Stream.of("com.fasterxml.jackson.databind.."))
                            .toArray(String[]::new)),
            Row.of("tunnel", List.of()),
            Row.of("observation", List.of("tunnel")),
            Row.of("plan", List.of("tunnel", "observation")),
            Row.of("planner", List.of("tunnel", "observation", "plan")),
            Row.of("readiness", List.of("tunnel", "observation", "plan", "planner")),
            Row.of("confirm", List.of("tunnel", "observation", "plan")),
            Row.of("probe", List.of("tunnel")),
            Row.of("map", List.of("tunnel"), "javax.xml.stream.."),
            Row.of("diagnosis", List.of("tunnel", "observation", "plan", "planner")),
            Row.of("diagnosis.report", List.of("plan", "diagnosis"), "com.fasterxml.jackson.databind.."),
            Row.of("errno", List.of()),
            Row.of("netlink.message", List.of("errno")),
            Row.of("netlink.link", List.of("netlink.message")),
            Row.of("netlink.route", List.of("errno", "netlink.message")),
            Row.of("netlink", List.of("errno", "netlink.message", "netlink.link", "netlink.route")),
            Row.of("libc", List.of("errno", "netlink.message", "netlink.link"), "com.sun.jna.."),
            Row.of(
                    "kernel",
                    List.of("tunnel", "observation", "plan", "errno", "netlink.message", "netlink.link", "libc"),
                    LOG),
            Row.of("kernel.read", List.of("tunnel", "observation", "plan", "errno", "netlink..", "kernel"), LOG),
            Row.of("kernel.inventory", List.of("tunnel", "observation", "netlink..", "kernel.read")),
            Row.of(
                    "kernel.watch",
                    List.of("tunnel", "observation", "errno", "netlink..", "libc", "kernel", "kernel.read"),
                    LOG),
            Row.of(
                    "kernel.linux",
                    List.of(
                            "tunnel",
                            "observation",
                            "plan",
                            "errno",
                            "netlink..",
                            "libc",
                            "kernel",
                            "kernel.read",
                            "kernel.watch"),
                    LOG),
            Row.of(
                    "kernel.examine",
                    List.of(
                            "tunnel",
                            "observation",
                            "plan",
                            "planner",
                            "readiness",
                            "diagnosis",
                            "netlink..",
                            "kernel",
                            "kernel.read")),
            Row.of("set", List.of("tunnel"), "com.fasterxml.jackson.databind.."),
            Row.of("set.member", List.of("tunnel", "set"), "com.fasterxml.jackson.databind.."),
            Row.of("set.address", List.of("tunnel", "set"), "com.fasterxml.jackson.databind.."),
            Row.of("set.child", List.of("tunnel", "set", "set.member"), "com.fasterxml.jackson.databind.."),
            Row.of(
                    "set.change",
                    List.of("tunnel", "set", "set.member", "set.child"),
                    "com.fasterxml.jackson.databind.."),
            Row.of("set.revision", List.of("set"), "com.fasterxml.jackson.databind.."),
            Row.of("set.rollout", List.of("set", "set.revision")),
            Row.of("set.status", List.of("set", "set.rollout")),
            Row.of("liveness", List.of("set")),
            Row.of("pairing", List.of("tunnel")),
            Row.of(
                    "set.pass",
                    List.of(
                            "tunnel",
                            "set",
                            "set.member",
                            "set.address",
                            "set.child",
                            "set.change",
                            "set.revision",
                            "set.rollout"),
                    "com.fasterxml.jackson.."),
            Row.of(
                    "controller.cluster",
                    List.of("api.v1alpha1", "api.v1alpha1.set", "tunnel", "set"),
                    CLIENT,
                    "com.fasterxml.jackson.."),
            Row.of(
                    "controller.liveness",
                    List.of("api.v1alpha1", "set", "liveness", "controller.cluster"),
                    LOG,
                    CLIENT),
            Row.of(
                    "controller.pairing",
                    List.of("api.v1alpha1", "tunnel", "set", "pairing", "controller.cluster"),
                    LOG,
                    CLIENT,
                    "com.fasterxml.jackson.databind.."),
            Row.of(
                    "controller.write",
                    List.of("api.v1alpha1.set", "set", "set.revision", "apiserver", "controller.cluster"),
                    LOG,
                    CLIENT,
                    "com.fasterxml.jackson.."),
            Row.of(
                    "controller.reconcile",
                    List.of(
                            "api.v1alpha1",
                            "api.v1alpha1.set",
                            "tunnel",
                            "set..",
                            "kernel",
                            "schedule",
                            "event",
                            "controller.cluster",
                            "controller.spec",
                            "controller.write"),
                    LOG,
                    CLIENT),
            Row.of(
                    "controller.health",
                    List.of("api.v1alpha1.set", "kernel", "health", "pairing"),
                    LOG,
                    MICROMETER,
                    CLIENT,
                    "io.prometheus.."),
            Row.of(
                    "controller",
                    List.of(
                            "api.v1alpha1.set",
                            "set",
                            "pairing",
                            "kernel",
                            "apiserver",
                            "schedule",
                            "health",
                            "controller.."),
                    LOG,
                    CLIENT),
            Row.of("apiserver", List.of(), LOG, CLIENT, "javax.net.ssl.."),
            Row.of("schedule", List.of("kernel"), LOG),
            Row.of("event", List.of("kernel", "schedule"), LOG, CLIENT),
            Row.of("agent.cluster", List.of("api.v1alpha1", "tunnel", "kernel"), LOG, CLIENT, OPERATOR_SDK),
            Row.of(
                    "agent.sdk",
                    List.of("api.v1alpha1", "kernel", "agent.cluster"),
                    LOG,
                    CLIENT,
                    OPERATOR_SDK,
                    MICROMETER),
            Row.of("agent.spec", List.of("api.v1alpha1", "tunnel", "planner", "agent.cluster"), CLIENT),
            Row.of(
                    "controller.spec",
                    List.of("api.v1alpha1", "api.v1alpha1.set", "tunnel", "set", "agent.spec"),
                    "io.fabric8.kubernetes.api.model..",
                    "io.fabric8.kubernetes.client",
                    "com.fasterxml.jackson.."),
            Row.of(
                    "agent.program",
                    List.of("tunnel", "observation", "plan", "planner", "readiness", "kernel", "agent.spec"),
                    LOG),
            Row.of(
                    "manifest",
                    List.of("api.v1alpha1", "tunnel", "planner", "agent.spec"),
                    "io.fabric8.kubernetes.api.model..",
                    "io.fabric8.kubernetes.client",
                    "com.fasterxml.jackson..",
                    "org.snakeyaml.engine.."),
            Row.of(
                    "agent.event",
                    List.of("api.v1alpha1", "tunnel", "observation", "plan", "kernel", "schedule", "event"),
                    LOG,
                    CLIENT),
            Row.of(
                    "agent.confirm",
                    List.of(
                            "api.v1alpha1",
                            "tunnel",
                            "observation",
                            "plan",
                            "planner",
                            "confirm",
                            "kernel",
                            "agent.spec",
                            "agent.program"),
                    LOG,
                    CLIENT,
                    "com.fasterxml.jackson.."),
            Row.of("agent.probe", List.of("tunnel", "errno", "libc", "probe", "kernel"), LOG),
            Row.of("agent.lease", List.of("kernel", "liveness", "schedule"), LOG, CLIENT),
            Row.of("http", List.of(), LOG),
            Row.of("health", List.of("http"), LOG, "io.prometheus..", "ch.qos.logback.."),
            Row.of("scrape", List.of("http"), LOG, CLIENT, "javax.net.ssl.."),
            Row.of(
                    "agent.health",
                    List.of(
                            "health",
                            "tunnel",
                            "plan",
                            "probe",
                            "netlink.link",
                            "kernel",
                            "agent.cluster",
                            "agent.sdk",
                            "agent.confirm",
                            "agent.lease"),
                    LOG,
                    OPERATOR_SDK,
                    MICROMETER,
                    "io.prometheus.."),
            Row.of(
                    "agent.orphan",
                    List.of(
                            "api.v1alpha1",
                            "tunnel",
                            "observation",
                            "plan",
                            "planner",
                            "kernel",
                            "schedule",
                            "agent.cluster",
                            "agent.spec",
                            "agent.program",
                            "agent.event"),
                    LOG,
                    CLIENT,
                    OPERATOR_SDK),
            Row.of(
                    "agent.reconcile",
                    List.of(
                            "api.v1alpha1",
                            "tunnel",
                            "observation",
                            "plan",
                            "planner",
                            "readiness",
                            "probe",
                            "kernel",
                            "schedule",
                            "agent.sdk",
                            "agent.cluster",
                            "agent.spec",
                            "agent.program",
                            "agent.confirm",
                            "agent.probe",
                            "agent.event",
                            "agent.health",
                            "agent.orphan"),
                    LOG,
                    CLIENT,
                    OPERATOR_SDK),
            Row.of(
                    "agent",
                    List.of("api.v1alpha1", "apiserver", "kernel", "schedule", "event", "health", "agent.."),
                    LOG,
                    CLIENT,
                    OPERATOR_SDK),
            Row.of(
                    "show",
                    List.of("tunnel", "observation", "plan", "netlink.link", "kernel.inventory", "agent.program"),
                    "com.fasterxml.jackson.databind.."),
            Row.of(
                    "command",
                    List.of(
                            "api.v1alpha1",
                            "tunnel",
                            "observation",
                            "plan",
                            "planner",
                            "kernel",
                            "kernel.inventory",
                            "agent.spec",
                            "agent.program",
                            "manifest",
                            "show"),
                    "io.fabric8.kubernetes.api.model..",
                    "io.fabric8.kubernetes.client"),
            Row.of(
                    "cli",
                    List.of(
                            "api.v1alpha1",
                            "tunnel",
                            "plan",
                            "map",
                            "planner",
                            "diagnosis..",
                            "netlink..",
                            "libc",
                            "kernel..",
                            "apiserver",
                            "schedule",
                            "scrape",
                            "health",
                            "agent..",
                            "controller..",
                            "manifest",
                            "command",
                            "show"),
                    LOG,
                    CLIENT,
                    "picocli.."));

    private static final SliceAssignment FILES = new SliceAssignment() {
        @Override
        public SliceIdentifier getIdentifierOf(JavaClass any) {
            return SliceIdentifier.of(file(any).getName());
        }

        @Override
        public String getDescription() {
            return "files";
        }
    };

    private static final DescribedPredicate<JavaClass> SEALED =
            describe("part of a sealed hierarchy", any -> Stream.concat(
                            Stream.of(file(any)), file(any).getAllRawInterfaces().stream())
                    .anyMatch(type -> type.getPackageName().startsWith(ROOT)
                            && type.reflect().isSealed()));

    private static JavaClass file(JavaClass any) {
        return any.getEnclosingClass().map(PackageTableTest::file).orElse(any);
    }

    @ParameterizedTest
    @FieldSource("TABLE")
    void package_imports_only_what_its_row_allows(Row row) {
        // given
        ArchRule rule = classes()
                .that()
                .resideInAPackage(row.packageName())
                .should()
                .onlyDependOnClassesThat(resideInAnyPackage(row.allowed()))
                .as(row.packageName() + " depends on nothing outside its row of the package table");

        // when
        var result = rule.evaluate(MAIN);

        // then
        assertThat(result.getFailureReport().getDetails()).isEmpty();
    }

    @Test
    void every_package_has_a_row() {
        // given
        Set<String> rows = TABLE.stream().map(Row::packageName).collect(Collectors.toSet());

        // when
        Set<String> packages = MAIN.stream().map(JavaClass::getPackageName).collect(Collectors.toSet());

        // then
        assertThat(packages).isEqualTo(rows);
    }

    @Test
    void packages_have_no_cycles() {
        // given
        ArchRule rule = slices().matching(ROOT + "(**)").should().beFreeOfCycles();

        // when
        var result = rule.evaluate(MAIN);

        // then
        assertThat(result.getFailureReport().getDetails()).isEmpty();
    }

    /** A sealed type and its subtypes are one thing in several files. */
    @Test
    void files_have_no_cycles() {
        // given
        ArchRule rule = slices().assignedFrom(FILES)
                .should()
                .beFreeOfCycles()
                .ignoreDependency(alwaysTrue(), SEALED)
                .ignoreDependency(SEALED, alwaysTrue());

        // when
        var result = rule.evaluate(MAIN);

        // then
        assertThat(result.getFailureReport().getDetails()).isEmpty();
    }

    @Test
    void packages_are_small() {
        // given
        Map<String, Long> files = MAIN.stream()
                .filter(JavaClass::isTopLevelClass)
                .filter(any -> !any.getSimpleName().equals("package-info"))
                .collect(Collectors.groupingBy(JavaClass::getPackageName, Collectors.counting()));

        // when
        List<String> large = files.entrySet().stream()
                .filter(entry -> entry.getValue() > MOST_FILES)
                .map(entry -> entry.getKey() + " has " + entry.getValue() + " files")
                .toList();

        // then
        assertThat(large).isEmpty();
    }

    @Test
    void no_two_types_share_a_simple_name() {
        // given
        Map<String, List<String>> names = MAIN.stream()
                .filter(JavaClass::isTopLevelClass)
                .filter(any -> !any.getSimpleName().equals("package-info"))
                .collect(Collectors.groupingBy(
                        JavaClass::getSimpleName, Collectors.mapping(JavaClass::getName, Collectors.toList())));

        // when
        List<List<String>> shared =
                names.values().stream().filter(same -> same.size() > 1).toList();

        // then
        assertThat(shared).isEmpty();
    }

    @Test
    void only_the_command_line_reads_the_environment() {
        // given
        ArchRule rule = noClasses()
                .that(not(resideInAPackage(ROOT + "cli")))
                .should()
                .callMethodWhere(target(With.<JavaClass>owner(JavaClass.Predicates.type(System.class)))
                        .and(target(nameMatching("getenv|getProperty|getProperties"))));

        // when
        var result = rule.evaluate(MAIN);

        // then
        assertThat(result.getFailureReport().getDetails()).isEmpty();
    }

    @Test
    void no_class_is_named_as_a_drawer() {
        // given
        ArchRule rule = noClasses().should().haveNameMatching(".*(Util|Utils|Helper|Manager|Impl)(\\$.*)?");

        // when
        var result = rule.evaluate(MAIN);

        // then
        assertThat(result.getFailureReport().getDetails()).isEmpty();
    }

    @Test
    void every_package_is_null_marked() {
        // given
        Set<JavaPackage> packages = MAIN.stream().map(JavaClass::getPackage).collect(Collectors.toSet());

        // when
        List<String> unmarked = packages.stream()
                .filter(any -> !any.isAnnotatedWith(NullMarked.class))
                .map(JavaPackage::getName)
                .toList();

        // then
        assertThat(unmarked).isEmpty();
    }
}
