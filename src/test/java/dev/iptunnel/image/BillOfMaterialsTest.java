package dev.iptunnel.image;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The bill of materials of the image that the cluster's tests run: with those, since it is made with the image. */
@Tag("cluster")
class BillOfMaterialsTest {
    private static final Path TARGET = Path.of("target");

    private final JsonNode bill = new ObjectMapper()
            .readTree(TARGET.resolve("iptunnel-image.cdx.json").toFile());

    BillOfMaterialsTest() throws IOException {}

    @Test
    void is_CycloneDX_of_this_version() throws IOException {
        assertThat(bill.path("bomFormat").asText()).isEqualTo("CycloneDX");
        assertThat(Files.readString(Path.of("pom.xml")))
                .contains("<version>" + bill.at("/metadata/component/version").asText() + "</version>");
    }

    @Test
    void has_every_jar_of_the_image_and_no_other() throws IOException {
        assertThat(components(component -> component.path("purl").asText().startsWith("pkg:maven/"))
                        .map(jar -> name(jar) + "-" + jar.path("version").asText() + ".jar"))
                .containsExactlyInAnyOrderElementsOf(jars(TARGET.resolve("image/app/libs")));
    }

    @Test
    void has_the_Java_runtime_and_the_C_library() {
        assertThat(components(component -> true).map(BillOfMaterialsTest::name))
                .contains("java-runtime", "glibc")
                .anyMatch(name -> name.endsWith("/libc.so.6"))
                .anyMatch(name -> name.contains("/ld-linux"));
    }

    private Stream<JsonNode> components(Predicate<JsonNode> which) {
        return bill.path("components").valueStream().filter(which);
    }

    private static String name(JsonNode component) {
        return component.path("name").asText();
    }

    private static Set<String> jars(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).collect(Collectors.toSet());
        }
    }
}
