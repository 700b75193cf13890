package dev.iptunnel.deploy;

import static java.util.stream.Collectors.toMap;

import dev.iptunnel.api.Program;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/** The objects that a tool renders, by kind and name. */
final class Manifests {
    static final String CHART = Path.of("deploy", "helm", "iptunnel").toString();
    static final String NAMESPACE = "iptunnel-system";
    private static final KubernetesSerialization YAML = new KubernetesSerialization();

    private Manifests() {}

    static Map<String, HasMetadata> ofKustomization(String folder) {
        return parse(Program.kubectl("kustomize", folder).requireOutput());
    }

    /** @param values as after {@code --set} */
    static Map<String, HasMetadata> ofChart(String... values) {
        return parse(template(values).requireOutput());
    }

    static Program template(String... values) {
        return Program.run(Stream.concat(
                        Stream.of("helm", "template", "iptunnel", CHART, "--namespace", NAMESPACE),
                        Stream.of(values).flatMap(value -> Stream.of("--set", value)))
                .toArray(String[]::new));
    }

    private static Map<String, HasMetadata> parse(String text) {
        return Stream.of(text.split("(?m)^---$"))
                .filter(document -> document.lines().anyMatch(line -> !line.isBlank() && !line.startsWith("#")))
                .map(document -> YAML.unmarshal(document, GenericKubernetesResource.class))
                .collect(toMap(Manifests::key, object -> object, Manifests::twice, TreeMap::new));
    }

    private static String key(HasMetadata object) {
        return Stream.of(
                        Optional.of(object.getKind()),
                        Optional.ofNullable(object.getMetadata().getNamespace()),
                        Optional.of(object.getMetadata().getName()))
                .flatMap(Optional::stream)
                .reduce((a, b) -> a + "/" + b)
                .orElseThrow();
    }

    private static HasMetadata twice(HasMetadata first, HasMetadata second) {
        throw new AssertionError(key(first) + " is there twice");
    }

    /** As maps and lists, for values that no class models. */
    static Map<?, ?> tree(HasMetadata object) {
        return Objects.requireNonNull(YAML.convertValue(object, Map.class));
    }

    static <T> T as(Class<T> type, Map<String, HasMetadata> objects, String key) {
        return YAML.convertValue(Objects.requireNonNull(objects.get(key), () -> key + ": " + objects.keySet()), type);
    }
}
