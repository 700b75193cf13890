package dev.iptunnel.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class ImageNameTest {
    @Test
    void the_deployment_names_the_image_that_the_build_makes() throws IOException {
        String pom = Files.readString(Path.of("pom.xml"));
        String version = first(pom, "<artifactId>iptunnel</artifactId>\\s*<version>([^<]+)</version>");
        String name = first(pom, "<image.name>([^<]+)</image.name>").replace("${project.version}", version);

        String kustomization = Files.readString(Path.of("deploy", "base", "kustomization.yaml"));

        assertThat(first(kustomization, "newName: (\\S+)") + ":" + first(kustomization, "newTag: (\\S+)"))
                .isEqualTo(name);
    }

    private static String first(String text, String pattern) {
        Matcher matcher = Pattern.compile(pattern).matcher(text);
        assertThat(matcher.find()).as(pattern).isTrue();
        return matcher.group(1);
    }
}
