package dev.iptunnel.manifest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import dev.iptunnel.api.v1alpha1.IpTunnel;
import dev.iptunnel.api.v1alpha1.IpTunnelSpec;
import dev.iptunnel.manifest.SchemaCheck.Finding;
import dev.iptunnel.manifest.YamlDocument.Text;
import dev.iptunnel.manifest.YamlParser.MalformedYamlException;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;

/**
 * Reads IpTunnels from YAML and JSON: several documents in a text, lists as {@code kubectl get -o yaml} prints them. A
 * document with an error is a {@link Problem}, and the others are read all the same. Used once.
 */
public final class ManifestReader {
    private static final String API_VERSION = "iptunnel.dev/v1alpha1";
    private static final String KIND = "IpTunnel";
    private static final String SET = "IpTunnelSet";
    private static final String CRD = "iptunnels.iptunnel.dev.yaml";
    private static final String SPEC_SCHEMA = "/spec/versions/0/schema/openAPIV3Schema/properties/spec";
    private static final ObjectReader SPEC = new ObjectMapper().readerFor(IpTunnelSpec.class);

    private final JsonNode schema = specSchema();
    private final List<Manifest> tunnels = new ArrayList<>();
    private final List<Problem> problems = new ArrayList<>();

    /**
     * Reads files.
     *
     * @param names of files, of directories whose {@code .yaml}, {@code .yml} and {@code .json} files are read in the order of
     *     their names, or {@code -} for the standard input
     */
    public static Manifests read(List<String> names, InputStream standardInput) {
        ManifestReader reader = new ManifestReader();
        ManifestFiles files = new ManifestFiles(standardInput);
        names.forEach(name -> files.read(name, reader::text, reader.problems::add));
        return reader.read();
    }

    /** Reads a text, which messages call by that name. */
    public static Manifests readText(String name, String content) {
        ManifestReader reader = new ManifestReader();
        reader.text(name, content);
        return reader.read();
    }

    /** The UID of an IpTunnel that no API server knows: always the same for a name. */
    public static String uid(String name) {
        return UUID.nameUUIDFromBytes((API_VERSION + " " + KIND + " " + name).getBytes(StandardCharsets.UTF_8))
                .toString();
    }

    private Manifests read() {
        return new Manifests(tunnels, problems);
    }

    private void text(String file, String content) {
        for (Text text : YamlDocument.split(content)) {
            try {
                YamlDocument document = YamlParser.parse(text);
                object(file, text.number(), document, "", document.content());
            } catch (MalformedYamlException e) {
                problems.add(new Problem(new Place(file, text.number(), e.line()), "", e.detail()));
            }
        }
    }

    /** @param path of the object in the document: that of an item of a list, or empty */
    private void object(String file, int number, YamlDocument document, String path, JsonNode object) {
        Place place = new Place(file, number, document.line(path));
        String kind = object.path("kind").asText();
        if (kind.equals("List") || kind.equals(KIND + "List")) {
            for (int i = 0; i < object.path("items").size(); i++) {
                object(
                        file,
                        number,
                        document,
                        path + "items[" + i + "]",
                        object.path("items").get(i));
            }
        } else if (!object.isObject()
                || !kind.equals(KIND)
                || !API_VERSION.equals(object.path("apiVersion").asText())) {
            problems.add(new Problem(place, "", noTunnel(object)));
        } else {
            String prefix = path.isEmpty() ? "" : path + ".";
            String name = object.path("metadata").path("name").asText();
            List<Finding> findings = ObjectCheck.check(object, schema);
            findings.forEach(finding -> problems.add(new Problem(
                    new Place(file, number, document.line(prefix + finding.path())), name, finding.message())));
            if (findings.isEmpty()) {
                tunnels.add(new Manifest(place, tunnel(name, object)));
            }
        }
    }

    private static String noTunnel(JsonNode object) {
        if (!object.isObject()) {
            return "is no IpTunnel, but a " + (object.isArray() ? "list" : "value")
                    + ": write apiVersion, kind, metadata" + " and spec";
        }
        String kind = object.path("kind").asText();
        if (kind.equals(KIND)) {
            return "apiVersion is " + (object.has("apiVersion") ? object.get("apiVersion") : "missing") + ": write"
                    + " apiVersion: " + API_VERSION;
        }
        if (kind.equals(SET)) {
            return "is an IpTunnelSet, from which the controller of a cluster makes IpTunnels: apply it with kubectl apply -f";
        }
        return NearestName.of(kind, List.of(KIND)).isPresent()
                ? "kind is \"" + kind + "\": did you mean " + KIND + "?"
                : "is no IpTunnel, " + (kind.isEmpty() ? "it has no kind" : "but a " + kind) + ": write kind: " + KIND;
    }

    private static IpTunnel tunnel(String name, JsonNode object) {
        JsonNode created = object.path("metadata").path("creationTimestamp");
        IpTunnel tunnel = new IpTunnel();
        tunnel.setMetadata(new ObjectMetaBuilder()
                .withName(name)
                .withUid(uid(name))
                .withCreationTimestamp(created.isTextual() ? created.asText() : null)
                .build());
        try {
            tunnel.setSpec(SPEC.<IpTunnelSpec>readValue(object.get("spec")));
            return tunnel;
        } catch (IOException e) {
            throw new UncheckedIOException("the schema allows what the model cannot read", e);
        }
    }

    private static JsonNode specSchema() {
        try (InputStream crd = ManifestReader.class.getResourceAsStream(CRD)) {
            String text = new String(Objects.requireNonNull(crd, CRD).readAllBytes(), StandardCharsets.UTF_8);
            return YamlParser.parse(new Text(1, 1, text)).content().at(SPEC_SCHEMA);
        } catch (IOException | MalformedYamlException e) {
            throw new IllegalStateException("the program's own " + CRD + " cannot be read", e);
        }
    }
}
