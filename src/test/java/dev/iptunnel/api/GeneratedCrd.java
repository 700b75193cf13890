package dev.iptunnel.api;

import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.iptunnel.api.v1alpha1.IpTunnel;
import dev.iptunnel.api.v1alpha1.set.IpTunnelSet;
import io.fabric8.crdv2.generator.CRDGenerator;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/** A CRD as made from the Java model and its completion, which is merged over the generated version. */
enum GeneratedCrd {
    TUNNELS("iptunnels", IpTunnel.class),
    SETS("iptunnelsets", IpTunnelSet.class);

    private static final List<String> SPEC = List.of("schema", "openAPIV3Schema", "properties", "spec");
    private static final List<String> TEMPLATE =
            List.of("schema", "openAPIV3Schema", "properties", "spec", "properties", "template", "properties");

    private static final KubernetesSerialization READER = new KubernetesSerialization();
    private static final YAMLMapper WRITER = YAMLMapper.builder()
            .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
            .disable(YAMLGenerator.Feature.SPLIT_LINES)
            .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
            .build();

    private final String plural;
    private final Class<? extends CustomResource<?, ?>> model;

    GeneratedCrd(String plural, Class<? extends CustomResource<?, ?>> model) {
        this.plural = plural;
        this.model = model;
    }

    String file() {
        return plural + ".iptunnel.dev.yaml";
    }

    Path checkedIn() {
        return Path.of("crds", file());
    }

    /** The CRD of the last release; before the first release, the CRD with which the promise begins. */
    Path released() {
        return Path.of("src/test/resources/dev/iptunnel/api", "released-" + file());
    }

    String yaml(Path folder) throws IOException {
        var crd = crd(folder);
        var spec = map(Objects.requireNonNull(crd.get("spec")));
        spec.put("versions", List.of(version(folder)));
        crd.put("spec", spec);
        return "# Generated from the Java model by CrdTest: change it there, and run it with -Dcrds.update=true.\n"
                + WRITER.writeValueAsString(wholeNumbers(crd));
    }

    private Map<String, Object> version(Path folder) throws IOException {
        var spec = map(Objects.requireNonNull(crd(folder).get("spec")));
        var version = map(((List<?>) Objects.requireNonNull(spec.get("versions"))).getFirst());
        if (this == SETS) {
            at(version, TEMPLATE).put("spec", TemplateSchema.of(at(TUNNELS.version(folder), SPEC)));
        }
        return merged(version, completion(), "");
    }

    private Map<String, Object> crd(Path folder) throws IOException {
        new CRDGenerator()
                .customResourceClasses(model)
                .forCRDVersions("v1")
                .inOutputDir(folder.toFile())
                .generate();
        return map(READER.unmarshal(Files.readString(folder.resolve(plural + ".iptunnel.dev-v1.yml")), Map.class));
    }

    private Map<String, Object> completion() throws IOException {
        try (InputStream in = GeneratedCrd.class.getResourceAsStream(plural + "-completion.yaml")) {
            return map(READER.unmarshal(Objects.requireNonNull(in), Map.class));
        }
    }

    private static Map<String, Object> at(Map<String, Object> version, List<String> path) {
        var here = version;
        for (var name : path) {
            here = map(Objects.requireNonNull(here.get(name), name));
        }
        return here;
    }

    /** Merges maps and replaces everything else. The patch may add to the model's fields, but not add a field. */
    private static Map<String, Object> merged(Map<String, Object> target, Map<String, Object> patch, String at) {
        var result = new TreeMap<>(target);
        patch.forEach((key, value) -> {
            if (at.endsWith(".properties") && !target.containsKey(key)) {
                throw new IllegalStateException("The completion names a field that the model lacks: " + at + "." + key);
            }
            if (value instanceof Map<?, ?>) {
                var old = result.get(key) instanceof Map<?, ?> there ? map(there) : Map.<String, Object>of();
                result.put(key, merged(old, map(value), at + "." + key));
            } else {
                result.put(key, value);
            }
        });
        return result;
    }

    /** The generator prints every bound as a floating-point number. */
    private static Object wholeNumbers(Object value) {
        return switch (value) {
            case Map<?, ?> map -> {
                var result = new TreeMap<String, Object>();
                map(map).forEach((key, entry) -> result.put(key, wholeNumbers(entry)));
                yield result;
            }
            case List<?> list -> list.stream().map(GeneratedCrd::wholeNumbers).toList();
            case Double number when number == Math.rint(number) -> number.longValue();
            default -> value;
        };
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> map(Object value) {
        return (Map<String, Object>) value;
    }
}
