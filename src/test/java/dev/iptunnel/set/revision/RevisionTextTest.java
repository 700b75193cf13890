package dev.iptunnel.set.revision;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.iptunnel.set.TunnelSet.TunnelTemplate;
import dev.iptunnel.tunnel.TunnelMode;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RevisionTextTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    private static final List<String> TEMPLATES = List.of(
            "{\"spec\": {\"mode\": \"ipip\"}}",
            "{\"metadata\": {\"labels\": {}, \"annotations\": null}, \"spec\": {\"routes\": [], \"mode\": \"ipip\", \"probe\": {\"type\": null}}}",
            "{\"spec\": {\"ttl\": 64, \"mode\": \"sit\"}, \"metadata\": {\"labels\": {\"b\": \"2\", \"a\": \"1\"}}}",
            "{\"spec\": {\"probe\": {\"type\": \"ICMP\"}, \"mode\": \"ipip\", \"list\": [{\"x\": null}, null, [], \"x\"]}}",
            "{\"spec\": {\"zero\": 0, \"flag\": false, \"big\": 9007199254740993, \"mode\": \"ipip\", \"text\": \"\\u00fc \\\" \\\\\"}}",
            "{}");

    @Test
    void the_text_of_a_template_stays_the_same_over_releases_byte_for_byte() throws IOException {
        StringBuilder texts = new StringBuilder();
        for (String template : TEMPLATES) {
            texts.append(RevisionText.of(JSON.readTree(template))).append('\n');
        }
        try (InputStream golden = getClass().getResourceAsStream("templates.txt")) {
            assertThat(texts).hasToString(new String(golden.readAllBytes(), UTF_8));
        }
    }

    @Test
    void labels_and_annotations_belong_to_the_template() throws JsonProcessingException {
        ObjectNode spec = (ObjectNode) JSON.readTree("{\"ttl\": 64, \"mode\": \"ipip\"}");
        assertThat(RevisionText.of(new TunnelTemplate(TunnelMode.IPIP, Map.of("a", "1"), Map.of(), spec)))
                .isEqualTo("{\"metadata\":{\"labels\":{\"a\":\"1\"}},\"spec\":{\"mode\":\"ipip\",\"ttl\":64}}");
    }
}
