package dev.iptunnel.agent;

import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import dev.iptunnel.agent.Scenario.Variant;
import dev.iptunnel.agent.spec.SpecReader;
import dev.iptunnel.api.v1alpha1.IpTunnel;
import dev.iptunnel.plan.Plan;
import dev.iptunnel.plan.Refusal;
import dev.iptunnel.planner.Planner;
import dev.iptunnel.tunnel.DesiredTunnel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Each file of {@code tunnel/plans} is a scenario: a manifest, what the kernel holds, and the plan that the two must
 * give. The README there says how it is written. {@code -Dplans.update=true} rewrites the plans; read the difference
 * before you commit it.
 */
class PlanScenariosTest {
    private static final Path FOLDER = Path.of("src/test/resources/dev/iptunnel/tunnel/plans");
    private static final Path README = FOLDER.resolve("README.md");
    private static final String ENDING = ".txt";
    private static final String MANAGER = "cluster";
    private static final ObjectMapper YAML =
            new ObjectMapper(new YAMLFactory().enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION));
    private static final boolean UPDATE = Boolean.getBoolean("plans.update");

    private final ModeValues values = ModeValues.of(text(README));

    @TestFactory
    Stream<DynamicTest> gives_the_plan_of_each_scenario() throws IOException {
        if (UPDATE) {
            for (Path file : files()) {
                update(file);
            }
        }
        return files().stream().map(this::read).flatMap(scenario -> scenario.variants().stream()
                .map(variant -> DynamicTest.dynamicTest(scenario.nameOf(variant), () -> compare(scenario, variant))));
    }

    @Test
    void has_no_file_that_is_not_used() throws IOException {
        // given
        Set<Path> used = Stream.concat(Stream.of(README), files().stream()).collect(toSet());

        // when
        Set<Path> present;
        try (Stream<Path> files = Files.walk(FOLDER)) {
            present = files.filter(Files::isRegularFile).collect(toSet());
        }

        // then
        assertThat(present).isEqualTo(used);
    }

    @Test
    void has_no_value_of_a_mode_that_is_not_used() throws IOException {
        // when
        Set<String> used = files().stream()
                .map(PlanScenariosTest::text)
                .flatMap(text -> ModeValues.namesIn(text).stream())
                .collect(toSet());

        // then
        assertThat(values.values().keySet()).isEqualTo(used);
    }

    private static void compare(Scenario scenario, Variant variant) throws IOException {
        // given
        IpTunnel manifest = manifest(scenario.desired(variant));
        ObservedNode observed = ObservedNode.of(scenario.observed(variant));

        // when
        String decision = decide(manifest, observed);

        // then
        assertThat(manifest.getSpec().mode()).isEqualTo(variant.mode());
        assertThat(decision).isEqualTo(scenario.plan(variant).orElse("no plan for this in the file"));
    }

    private static String decide(IpTunnel manifest, ObservedNode observed) {
        SpecReader reader = observed.reader(MANAGER);
        DesiredTunnel desired = reader.read(manifest);
        return switch (Planner.plan(desired, observed.about(desired), observed.claims(reader))) {
            case Plan plan -> plan.toString();
            case Refusal refusal -> refusal + "\n";
        };
    }

    /** Does not change a file whose plans are correct. */
    private void update(Path file) throws IOException {
        Scenario scenario = read(file);
        Map<Variant, String> plans = new LinkedHashMap<>();
        for (Variant variant : scenario.variants()) {
            plans.put(
                    variant, decide(manifest(scenario.desired(variant)), ObservedNode.of(scenario.observed(variant))));
        }
        if (!plans.entrySet().stream()
                .allMatch(plan -> scenario.plan(plan.getKey()).equals(Optional.of(plan.getValue())))) {
            Files.writeString(file, scenario.withPlans(plans));
        }
    }

    private static List<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(FOLDER)) {
            return files.filter(file -> file.toString().endsWith(ENDING))
                    .sorted()
                    .toList();
        }
    }

    private Scenario read(Path file) {
        String name = file.getFileName().toString();
        return new Scenario(name.substring(0, name.length() - ENDING.length()), text(file), values);
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The manifest as a user writes it; the API server gives the UID. */
    private static IpTunnel manifest(String text) throws IOException {
        IpTunnel tunnel = YAML.readValue(text, IpTunnel.class);
        tunnel.getMetadata().setUid("uid-of-" + tunnel.getMetadata().getName());
        return tunnel;
    }
}
