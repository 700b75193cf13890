package dev.iptunnel.map;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/** The pictures, byte for byte. {@code -Dpictures.update=true} writes them again: then look at them. */
class PictureTest {
    private static final Path GOLDEN = Path.of("src/test/resources/dev/iptunnel/map");
    private static final boolean UPDATE = Boolean.getBoolean("pictures.update");

    @ParameterizedTest
    @CsvSource({
        "three-nodes, svg",
        "three-nodes, mermaid",
        "mesh-5, svg",
        "mesh-5, mermaid",
        "mesh-50, mermaid",
        "hub-and-spoke-50, svg",
        "hub-and-spoke-50, mermaid",
        "nothing, svg",
        "nothing, mermaid"
    })
    void a_network_is_drawn_as_in_its_golden_file(String network, String format) throws IOException {
        Path golden = GOLDEN.resolve(network + "." + format);

        String drawn = draw(Networks.topology(tunnels(network)), format);

        if (UPDATE) {
            Files.writeString(golden, drawn);
        }
        assertThat(drawn).isEqualTo(Files.readString(golden));
    }

    private static List<MappedTunnel> tunnels(String network) {
        return switch (network) {
            case "three-nodes" -> Networks.threeNodes();
            case "mesh-5" -> Networks.mesh(5);
            case "mesh-50" -> Networks.troubledMesh(50);
            case "hub-and-spoke-50" -> Networks.hubAndSpoke(50);
            default -> List.of();
        };
    }

    private static String draw(Topology topology, String format) {
        return format.equals("svg") ? SvgMap.of(topology) : MermaidMap.of(topology);
    }

    @ParameterizedTest
    @CsvSource({"svg", "mermaid"})
    void the_order_in_which_the_API_server_lists_makes_no_difference(String format) {
        List<MappedTunnel> shuffled = new ArrayList<>(Networks.troubledMesh(50));
        Collections.shuffle(shuffled, new Random(1));

        assertThat(draw(Networks.topology(shuffled), format))
                .isEqualTo(draw(Networks.topology(Networks.troubledMesh(50)), format));
    }

    @Test
    void a_mesh_of_50_nodes_has_every_line_and_what_is_not_ready_is_on_top_and_in_words() throws Exception {
        Document svg = parse(SvgMap.of(Networks.topology(Networks.troubledMesh(50))));

        List<String> lines = texts(svg, "path", "class");
        assertThat(Collections.frequency(lines, "ready")).isEqualTo(1223 + 1 + 1);
        // One line is not ready at both ends, one at one end; the legend has a sample.
        assertThat(Collections.frequency(lines, "not-ready")).isEqualTo(1 + 1 + 1);
        assertThat(lines.indexOf("not-ready")).isGreaterThanOrEqualTo(1223);
        assertThat(texts(svg, "circle", "class")).hasSize(50).contains("fine", "trouble");
        assertThat(rows(svg))
                .containsExactly(
                        "node7-node31 on node7, to 10.0.0.31: not ready, ParentDown",
                        "node12-node44 on node12, to 10.0.0.44: not ready, ParentDown",
                        "node31-node7 on node31, to 10.0.0.7: not ready, ParentDown");
    }

    @Test
    void a_long_list_of_trouble_ends_with_its_number() throws Exception {
        List<MappedTunnel> all = Networks.mesh(20).stream()
                .map(tunnel -> Networks.failed(tunnel, "LinkDown"))
                .toList();

        assertThat(rows(parse(SvgMap.of(Networks.topology(all)))))
                .hasSize(31)
                .last()
                .isEqualTo("and 350 more");
    }

    @Test
    void names_cannot_break_the_picture_whatever_they_contain() throws Exception {
        String evil = "<script>&\"'\u0001\uD800]]>--\n|x";
        Topology topology = Networks.topology(List.of(Networks.ready(evil, evil, "192.0.2.1", evil)));

        Document svg = parse(SvgMap.of(topology));

        assertThat(svg.getElementsByTagName("script").getLength()).isZero();
        assertThat(MermaidMap.of(topology).lines().filter(line -> line.contains("script")))
                .hasSize(3)
                .allMatch(line -> line.matches("[^<>&|]*(\\|[^<>&|]*\\|)?[^<>&|]*"));
    }

    @Test
    void the_text_is_the_same_in_every_locale() {
        String drawn = SvgMap.of(Networks.topology(Networks.threeNodes()));
        Locale before = Locale.getDefault();
        try {
            Locale.setDefault(Locale.forLanguageTag("ar-EG"));

            assertThat(SvgMap.of(Networks.topology(Networks.threeNodes()))).isEqualTo(drawn);
        } finally {
            Locale.setDefault(before);
        }
    }

    private static List<String> rows(Document svg) {
        return elements(svg, "text").stream()
                .filter(text -> text.getAttribute("class").equals("row"))
                .map(Element::getTextContent)
                .toList();
    }

    private static List<String> texts(Document svg, String element, String attribute) {
        return elements(svg, element).stream()
                .map(found -> found.getAttribute(attribute))
                .toList();
    }

    private static List<Element> elements(Document svg, String name) {
        NodeList found = svg.getElementsByTagName(name);
        return IntStream.range(0, found.getLength())
                .mapToObj(number -> (Element) found.item(number))
                .toList();
    }

    private static Document parse(String svg) throws Exception {
        return DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new ByteArrayInputStream(svg.getBytes(StandardCharsets.UTF_8)));
    }
}
