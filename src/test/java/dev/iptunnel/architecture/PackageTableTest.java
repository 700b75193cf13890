package dev.iptunnel.architecture;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaPackage;
import com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.util.List;
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

    static final List<Row> TABLE = List.of(
            Row.of("api.v1alpha1", List.of(), MODEL),
            Row.of("tunnel", List.of()),
            Row.of("netlink", List.of()),
            Row.of("libc", List.of("netlink"), "com.sun.jna.."),
            Row.of("kernel", List.of("tunnel", "netlink", "libc"), "org.slf4j.."),
            Row.of("apiserver", List.of(), "org.slf4j..", CLIENT, "javax.net.ssl.."),
            Row.of(
                    "agent",
                    List.of("api.v1alpha1", "tunnel", "kernel"),
                    "org.slf4j..",
                    CLIENT,
                    "io.javaoperatorsdk..",
                    "io.micrometer.."),
            Row.of(
                    "cli",
                    List.of("api.v1alpha1", "tunnel", "netlink", "libc", "kernel", "apiserver", "agent"),
                    "org.slf4j..",
                    CLIENT,
                    "picocli.."));

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
