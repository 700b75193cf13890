package dev.iptunnel.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.api.Program;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.HTTPGetAction;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.Toleration;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The Helm chart, as the real {@code helm} renders it. */
@Tag("api")
class ChartTest {
    private static final String DAEMON_SET = "DaemonSet/iptunnel-system/iptunnel-agent";
    private static final Set<String> HELMS_OWN = Set.of(
            "app.kubernetes.io/instance", "app.kubernetes.io/managed-by", "helm.sh/chart", "helm.sh/resource-policy");
    private static final String CRD = "CustomResourceDefinition/iptunnels.iptunnel.dev";
    private static final String SETS = "CustomResourceDefinition/iptunnelsets.iptunnel.dev";

    @Test
    void makes_the_objects_of_the_kustomizations_but_for_the_namespace_and_what_Helm_says_of_itself() {
        Map<String, HasMetadata> kustomized = Manifests.ofKustomization("deploy/base");
        kustomized.putAll(Manifests.ofKustomization("crds"));
        kustomized.remove("Namespace/iptunnel-system");

        Map<String, Object> charted = trees(Manifests.ofChart());

        charted.replaceAll((_, tree) -> withoutHelm(tree));
        assertThat(charted).containsExactlyInAnyOrderEntriesOf(trees(kustomized));
    }

    @Test
    void makes_the_objects_of_the_controllers_kustomization_if_it_is_enabled() {
        Map<String, Object> kustomized = trees(Manifests.ofKustomization("deploy/controller"));

        Map<String, Object> charted = trees(Manifests.ofChart("controller.enabled=true"));

        charted.keySet().removeAll(trees(Manifests.ofChart()).keySet());
        charted.replaceAll((_, tree) -> withoutHelm(tree));
        assertThat(charted).containsExactlyInAnyOrderEntriesOf(kustomized);
    }

    private static Map<String, Object> trees(Map<String, HasMetadata> objects) {
        Map<String, Object> result = new TreeMap<>();
        objects.forEach((key, object) -> result.put(key, Manifests.tree(object)));
        return result;
    }

    /** The chart labels all objects; the component leaves that to the kustomization that uses it. */
    private static Map<Object, Object> withoutMetadata(@Nullable Object tree) {
        Map<Object, Object> rest = new TreeMap<>((Map<?, ?>) Objects.requireNonNull(tree));
        rest.remove("metadata");
        return rest;
    }

    /** Without the labels and annotations that only Helm adds, at any depth. */
    private static Object withoutHelm(Object value) {
        return switch (value) {
            case Map<?, ?> map -> {
                Map<Object, Object> result = new TreeMap<>();
                map.forEach((key, entry) -> {
                    Object rest = withoutHelm(entry);
                    boolean empty = key.equals("annotations") && Map.of().equals(rest);
                    if (!HELMS_OWN.contains(key) && !empty) {
                        result.put(key, rest);
                    }
                });
                yield result;
            }
            case List<?> list -> list.stream().map(ChartTest::withoutHelm).toList();
            default -> value;
        };
    }

    @Test
    void serves_metrics_over_TLS_as_the_component_for_kustomize_does() {
        Map<String, HasMetadata> kustomized = Manifests.ofKustomization("deploy/samples/monitored");
        kustomized.remove("Namespace/iptunnel-system");

        Map<String, Object> charted = trees(Manifests.ofChart(
                "secureMetrics.enabled=true", "secureMetrics.secretName=iptunnel-metrics", "crd.install=false"));

        charted.replaceAll((_, tree) -> withoutHelm(tree));
        assertThat(charted.keySet()).isEqualTo(kustomized.keySet());
        Map<String, Object> expected = trees(kustomized);
        charted.keySet().stream().filter(key -> !key.equals(DAEMON_SET)).forEach(key -> assertThat(
                        withoutMetadata(charted.get(key)))
                .isEqualTo(withoutMetadata(expected.get(key))));
        Container container = container("secureMetrics.enabled=true", "secureMetrics.secretName=iptunnel-metrics");
        Container other = Manifests.as(DaemonSet.class, kustomized, DAEMON_SET)
                .getSpec()
                .getTemplate()
                .getSpec()
                .getContainers()
                .getFirst();
        assertThat(container.getEnv()).containsExactlyInAnyOrderElementsOf(other.getEnv());
        assertThat(container.getPorts()).isEqualTo(other.getPorts());
        assertThat(container.getVolumeMounts()).containsExactlyInAnyOrderElementsOf(other.getVolumeMounts());
    }

    @Test
    void serves_metrics_on_another_port_with_a_certificate_of_its_own() {
        PodSpec pod = pod("secureMetrics.enabled=true", "secureMetrics.port=9900");

        Container container = pod.getContainers().getFirst();
        assertThat(container.getEnv())
                .extracting(variable -> variable.getName() + "=" + variable.getValue())
                .contains("METRICS_ADDRESS=0.0.0.0:9900")
                .noneMatch(variable -> variable.startsWith("METRICS_CERTIFICATES"));
        assertThat(container.getPorts().getFirst().getHostPort()).isEqualTo(9900);
        assertThat(pod.getVolumes()).extracting(Volume::getName).containsExactly("sysctls", "state");
    }

    @Test
    void has_nothing_that_helm_lint_complains_of() {
        Program lint = Program.run("helm", "lint", "--strict", Manifests.CHART);

        assertThat(lint.requireOutput()).contains("0 chart(s) failed");
    }

    @ParameterizedTest
    @ValueSource(strings = {CRD, SETS})
    void keeps_a_CRD_whatever_becomes_of_the_release(String name) {
        var crd = Manifests.as(CustomResourceDefinition.class, Manifests.ofChart("annotations.team=network"), name);

        assertThat(crd.getMetadata().getAnnotations())
                .containsEntry("helm.sh/resource-policy", "keep")
                .containsEntry("team", "network");
    }

    @Test
    void leaves_the_CRDs_to_somebody_else_where_it_is_told_to() {
        assertThat(Manifests.ofChart("crd.install=false"))
                .doesNotContainKeys(CRD, SETS)
                .containsKey(DAEMON_SET);
    }

    @Test
    void selects_pods_by_labels_that_no_upgrade_and_no_value_changes() {
        DaemonSet agent = agent("labels.team=network", "podLabels.rack=r1");

        assertThat(agent.getSpec().getSelector().getMatchLabels())
                .isEqualTo(Map.of("app.kubernetes.io/name", "iptunnel", "app.kubernetes.io/component", "agent"));
        assertThat(agent.getSpec().getTemplate().getMetadata().getLabels())
                .containsAllEntriesOf(agent.getSpec().getSelector().getMatchLabels());
    }

    @Test
    void puts_labels_and_annotations_on_every_object() {
        Map<String, HasMetadata> objects = Manifests.ofChart("labels.team=network", "annotations.contact=noc");

        assertThat(objects.values()).hasSizeGreaterThan(5).allSatisfy(object -> {
            ObjectMeta metadata = object.getMetadata();
            assertThat(metadata.getLabels()).containsEntry("team", "network");
            assertThat(metadata.getAnnotations()).containsEntry("contact", "noc");
        });
    }

    @Test
    void puts_labels_and_annotations_of_the_pods_on_these_alone() {
        DaemonSet agent = agent("podLabels.rack=r1", "podAnnotations.checked=yes");

        ObjectMeta pod = agent.getSpec().getTemplate().getMetadata();
        assertThat(pod.getLabels()).containsEntry("rack", "r1").containsKey("app.kubernetes.io/version");
        assertThat(pod.getAnnotations()).containsEntry("checked", "yes");
        assertThat(agent.getMetadata().getLabels()).doesNotContainKey("rack");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "image.tag=1.2.3 | iptunnel.dev/iptunnel:1.2.3",
                "image.repository=registry.example:5000/net/iptunnel,image.tag=v1 | registry.example:5000/net/iptunnel:v1",
                "image.tag=v1,image.digest=sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef |"
                        + " iptunnel.dev/iptunnel@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
            })
    void names_the_image_by_tag_or_by_digest(String values, String image) {
        assertThat(container(values).getImage()).isEqualTo(image);
    }

    @Test
    void pulls_the_image_as_it_is_told() {
        PodSpec pod = pod("image.pullPolicy=Always", "image.pullSecrets[0].name=registry");

        assertThat(pod.getContainers().getFirst().getImagePullPolicy()).isEqualTo("Always");
        assertThat(pod.getImagePullSecrets().getFirst().getName()).isEqualTo("registry");
    }

    @ParameterizedTest
    @CsvSource({
        "0.0.0.0:9000, 127.0.0.1, 9000",
        "[::]:9000, 127.0.0.1, 9000",
        "[::1]:9000, ::1, 9000",
        "192.0.2.7:80, 192.0.2.7, 80",
    })
    void probes_where_the_agent_serves(String address, String host, int port) {
        Container agent = container("httpAddress=" + address);

        assertThat(agent.getArgs()).containsExactly("agent", "--http-address", address);
        assertThat(Stream.of(agent.getStartupProbe(), agent.getLivenessProbe(), agent.getReadinessProbe()))
                .allSatisfy(probe -> {
                    HTTPGetAction request = probe.getHttpGet();
                    assertThat(request.getHost()).isEqualTo(host);
                    assertThat(request.getPort().getIntVal()).isEqualTo(port);
                });
    }

    @Test
    void places_and_sizes_the_pods_as_it_is_told() {
        DaemonSet agent = agent(
                "nodeSelector.role=edge",
                "tolerations[0].key=edge",
                "tolerations[0].operator=Exists",
                "priorityClassName=network",
                "resources.limits.memory=512Mi",
                "maxUnavailable=2",
                "protectedNetworks[0]=10.96.0.0/12",
                "protectedNetworks[1]=fd00:96::/112",
                "logLevel=DEBUG",
                "libraryLogLevel=INFO");

        PodSpec pod = agent.getSpec().getTemplate().getSpec();
        assertThat(pod.getNodeSelector()).containsEntry("role", "edge");
        assertThat(pod.getTolerations()).extracting(Toleration::getKey).containsExactly("edge");
        assertThat(pod.getPriorityClassName()).isEqualTo("network");
        Container container = pod.getContainers().getFirst();
        assertThat(container.getResources().getLimits().get("memory")).hasToString("512Mi");
        assertThat(container.getEnv())
                .extracting(variable -> variable.getName() + "=" + variable.getValue())
                .contains("PROTECTED_NETWORKS=10.96.0.0/12,fd00:96::/112", "LOG_LEVEL=DEBUG", "LIBRARY_LOG_LEVEL=INFO");
        assertThat(agent.getSpec()
                        .getUpdateStrategy()
                        .getRollingUpdate()
                        .getMaxUnavailable()
                        .getIntVal())
                .isEqualTo(2);
    }

    private static DaemonSet agent(String... values) {
        return Manifests.as(DaemonSet.class, Manifests.ofChart(values), DAEMON_SET);
    }

    private static PodSpec pod(String... values) {
        PodTemplateSpec template = agent(values).getSpec().getTemplate();
        return template.getSpec();
    }

    private static Container container(String... values) {
        return pod(values).getContainers().getFirst();
    }
}
