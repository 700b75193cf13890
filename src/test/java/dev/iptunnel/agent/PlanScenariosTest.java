package dev.iptunnel.agent;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import dev.iptunnel.agent.spec.SpecReader;
import dev.iptunnel.api.v1alpha1.IpTunnel;
import dev.iptunnel.plan.Plan;
import dev.iptunnel.plan.Refusal;
import dev.iptunnel.planner.Planner;
import dev.iptunnel.tunnel.DesiredTunnel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.MethodOrderer.OrderAnnotation;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestMethodOrder;

/**
 * Each folder of {@code tunnel/plans} is a scenario: a manifest, what the kernel holds, and the plan that the two must
 * give. {@code -Dplans.update=true} writes the plans anew; read the difference before it is committed.
 */
@TestMethodOrder(OrderAnnotation.class)
class PlanScenariosTest {
    private static final Path SCENARIOS = Path.of("src/test/resources/dev/iptunnel/tunnel/plans");
    private static final String DESIRED = "desired.yaml";
    private static final String OBSERVED = "observed.yaml";
    private static final String PLAN = "plan.txt";
    private static final String MANAGER = "cluster";
    private static final boolean UPDATE = Boolean.getBoolean("plans.update");

    @TestFactory
    @Order(1)
    Stream<DynamicTest> gives_the_plan_of_each_scenario() throws IOException {
        return folders().stream()
                .map(folder -> DynamicTest.dynamicTest(folder.getFileName().toString(), () -> compare(folder)));
    }

    private static void compare(Path folder) throws IOException {
        // given
        ObservedNode observed = ObservedNode.read(folder.resolve(OBSERVED));
        SpecReader reader = observed.reader(MANAGER);
        DesiredTunnel desired = reader.read(manifest(folder.resolve(DESIRED)));

        // when
        String decision =
                switch (Planner.plan(desired, observed.about(desired), observed.claims(reader))) {
                    case Plan plan -> plan.toString();
                    case Refusal refusal -> refusal + "\n";
                };

        // then
        if (UPDATE) {
            Files.writeString(folder.resolve(PLAN), decision);
        }
        assertThat(decision).isEqualTo(Files.readString(folder.resolve(PLAN)));
    }

    @Test
    @Order(2)
    void has_no_file_that_is_not_used() throws IOException {
        // given
        List<Path> used = folders().stream()
                .flatMap(folder -> Stream.of(DESIRED, OBSERVED, PLAN).map(folder::resolve))
                .toList();

        // when
        List<Path> present;
        try (Stream<Path> files = Files.walk(SCENARIOS)) {
            present = files.filter(Files::isRegularFile).toList();
        }

        // then
        assertThat(present).containsExactlyInAnyOrderElementsOf(used);
    }

    private static List<Path> folders() throws IOException {
        try (Stream<Path> folders = Files.list(SCENARIOS)) {
            return folders.filter(Files::isDirectory).sorted().toList();
        }
    }

    /** The manifest as a user writes it; the API server gives the UID. */
    private static IpTunnel manifest(Path file) throws IOException {
        IpTunnel tunnel = new ObjectMapper(new YAMLFactory()).readValue(file.toFile(), IpTunnel.class);
        tunnel.getMetadata().setUid("uid-of-" + tunnel.getMetadata().getName());
        return tunnel;
    }
}
