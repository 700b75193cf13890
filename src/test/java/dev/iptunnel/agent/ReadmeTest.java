package dev.iptunnel.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.agent.event.EventReason;
import dev.iptunnel.api.Readmes;
import dev.iptunnel.api.v1alpha1.IpTunnel;
import dev.iptunnel.api.v1alpha1.IpTunnelSpec;
import dev.iptunnel.plan.Reason;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class ReadmeTest {
    @Test
    void describes_every_field() throws IOException {
        // given
        Stream<String> fields =
                Arrays.stream(IpTunnelSpec.class.getRecordComponents()).map(RecordComponent::getName);

        // when
        String section = Readmes.section(Readmes.CRDS, "Fields");

        // then
        assertThat(fields)
                .allSatisfy(field -> assertThat(section).containsPattern("\\| [^|]*`" + field + "`[^|]* \\|"));
    }

    @ParameterizedTest
    @EnumSource(Reason.class)
    void says_what_to_do_about_every_reason_and_whether_the_object_is_Stalled(Reason reason) throws IOException {
        // given
        String stalled = reason.stalls() ? "yes" : "no";

        // when
        String section = Readmes.section(Readmes.CRDS, "Reasons");

        // then
        assertThat(section).containsPattern("\n\\| [^|]*`" + reason + "`[^|]* \\| " + stalled + " \\| .+ \\|\n");
    }

    @Test
    void says_where_to_look_first_for_every_reason() throws IOException {
        // given
        Stream<String> reasons = Arrays.stream(Reason.values()).map(Reason::toString);

        // when
        String section = Readmes.section(Readmes.FIRST, "Troubleshooting");

        // then
        assertThat(reasons)
                .allSatisfy(reason -> assertThat(section).containsPattern("\n\\| [^|]*`" + reason + "`[^|]* \\|"));
    }

    @Test
    void describes_every_reason_of_an_Event() throws IOException {
        // given
        Stream<String> reasons = Arrays.stream(EventReason.values()).map(EventReason::toString);

        // when
        String section = Readmes.section(Readmes.CRDS, "Events");

        // then
        assertThat(reasons)
                .allSatisfy(reason -> assertThat(section).containsPattern("\n\\| [^|]*`" + reason + "`[^|]* \\|"));
    }

    @Test
    void describes_every_kind_of_test() throws IOException {
        // given
        var kinds = Pattern.compile("(?m)^KINDS=\\((.*)\\)$").matcher(Files.readString(Path.of("e2e", "test")));
        assertThat(kinds.find()).isTrue();

        // when
        String section = Readmes.section(Readmes.E2E, "Running the tests");

        // then
        assertThat(kinds.group(1).split(" ", -1))
                .allSatisfy(kind -> assertThat(section).contains("\n| `" + kind + "` |"));
    }

    @ParameterizedTest
    @MethodSource({"dev.iptunnel.api.Samples#tunnels", "dev.iptunnel.api.Samples#sets"})
    void describes_every_sample(Path file) throws IOException {
        assertThat(Readmes.section(Readmes.DEPLOY, "Samples"))
                .contains("`" + Path.of("deploy", "samples").relativize(file) + "`");
    }

    @ParameterizedTest
    @MethodSource("dev.iptunnel.api.Samples#tunnels")
    void has_samples_that_the_agent_reads(Path file) throws IOException {
        // given
        List<IpTunnel> samples = Stream.of(Files.readString(file).split("\n---\n", -1))
                .map(manifest -> new KubernetesSerialization().unmarshal(manifest, IpTunnel.class))
                .toList();

        // when
        samples.forEach(sample -> sample.getMetadata().setUid("uid-of-it"));

        // then
        assertThat(samples).isNotEmpty().allSatisfy(sample -> assertThat(Tunnels.READER.read(sample))
                .isNotNull());
    }
}
