package dev.iptunnel.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.SecurityContext;
import io.fabric8.kubernetes.api.model.Toleration;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBinding;
import io.fabric8.kubernetes.api.model.rbac.Role;
import io.fabric8.kubernetes.api.model.rbac.RoleBinding;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The overlays in deploy/samples, as the real {@code kubectl} renders them. */
@Tag("api")
class OverlayTest {
    @Test
    void own_registry_takes_the_image_by_its_digest() {
        Map<String, HasMetadata> objects = Manifests.ofKustomization("deploy/samples/own-registry");

        assertThat(agent(objects, Manifests.NAMESPACE)
                        .getContainers()
                        .getFirst()
                        .getImage())
                .matches("registry\\.example/network/iptunnel@sha256:[0-9a-f]{64}");
    }

    @Test
    void edge_nodes_have_the_agent_and_others_do_not() {
        PodSpec pod = agent(Manifests.ofKustomization("deploy/samples/edge-nodes"), Manifests.NAMESPACE);

        assertThat(pod.getNodeSelector()).isEqualTo(Map.of("example.com/role", "edge", "kubernetes.io/os", "linux"));
        assertThat(pod.getTolerations()).extracting(Toleration::getKey).containsExactly("example.com/edge");
        assertThat(pod.getPriorityClassName()).isEqualTo("system-cluster-critical");
        Container container = pod.getContainers().getFirst();
        assertThat(container.getArgs()).containsExactly("agent", "--http-address", "0.0.0.0:9811");
        assertThat(container.getResources().getLimits().get("memory")).hasToString("512Mi");
        assertThat(container.getResources().getRequests()).containsKeys("cpu", "memory");
    }

    @Test
    void monitored_serves_metrics_over_TLS_with_a_certificate_from_a_Secret() {
        Map<String, HasMetadata> objects = Manifests.ofKustomization("deploy/samples/monitored");

        Container container =
                agent(objects, Manifests.NAMESPACE).getContainers().getFirst();
        assertThat(container.getEnv())
                .extracting(variable -> variable.getName() + "=" + variable.getValue())
                .contains("METRICS_ADDRESS=0.0.0.0:9812", "METRICS_CERTIFICATES=/etc/iptunnel/metrics");
        assertThat(container.getVolumeMounts())
                .anyMatch(mount -> mount.getMountPath().equals("/etc/iptunnel/metrics"));
        assertThat(container.getArgs()).containsExactly("agent", "--http-address", "127.0.0.1:9811");
        assertThat(objects).containsKeys("ClusterRole/iptunnel-agent-reviews", "ClusterRole/iptunnel-metrics-reader");
    }

    @Test
    void other_namespace_moves_all_but_the_role_for_Events() {
        Map<String, HasMetadata> objects = Manifests.ofKustomization("deploy/samples/other-namespace");

        assertThat(agent(objects, "network").getServiceAccountName()).isEqualTo("iptunnel-agent");
        RoleBinding events = Manifests.as(RoleBinding.class, objects, "RoleBinding/default/iptunnel-agent-events");
        assertThat(events.getSubjects().getFirst().getNamespace()).isEqualTo("network");
        ClusterRoleBinding tunnels =
                Manifests.as(ClusterRoleBinding.class, objects, "ClusterRoleBinding/iptunnel-agent");
        assertThat(tunnels.getSubjects().getFirst().getNamespace()).isEqualTo("network");
        assertThat(objects).containsKeys("Namespace/network", "ServiceAccount/network/iptunnel-agent");
    }

    @Test
    void OpenShift_s_constraints_allow_what_the_agent_s_pod_asks_for_and_no_more() {
        Map<String, HasMetadata> objects = Manifests.ofKustomization("deploy/openshift");
        PodTemplateSpec template = Manifests.as(DaemonSet.class, objects, "DaemonSet/iptunnel-system/iptunnel-agent")
                .getSpec()
                .getTemplate();
        PodSpec pod = template.getSpec();
        SecurityContext security = pod.getContainers().getFirst().getSecurityContext();
        Map<?, ?> scc =
                Manifests.tree(Objects.requireNonNull(objects.get("SecurityContextConstraints/iptunnel-agent")));

        assertThat(template.getMetadata().getAnnotations())
                .containsEntry("openshift.io/required-scc", "iptunnel-agent");
        assertThat(scc.get("allowHostNetwork")).isEqualTo(pod.getHostNetwork());
        assertThat(scc.get("allowedCapabilities"))
                .isEqualTo(security.getCapabilities().getAdd());
        assertThat(scc.get("requiredDropCapabilities"))
                .isEqualTo(security.getCapabilities().getDrop());
        assertThat(scc.get("allowPrivilegeEscalation")).isEqualTo(security.getAllowPrivilegeEscalation());
        assertThat(scc.get("readOnlyRootFilesystem")).isEqualTo(security.getReadOnlyRootFilesystem());
        assertThat(scc.get("runAsUser")).hasToString("{type=MustRunAs, uid=" + security.getRunAsUser() + "}");
        assertThat(scc.get("seccompProfiles")).hasToString("[runtime/default]");
        assertThat(security.getSeccompProfile().getType()).isEqualTo("RuntimeDefault");
        assertThat(pod.getVolumes())
                .extracting(volume -> volume.getHostPath().getPath())
                .containsExactly("/proc/sys/net", "/var/lib/iptunnel");
        assertThat(scc.get("allowHostDirVolumePlugin")).isEqualTo(true);
        assertThat(List.of("allowHostIPC", "allowHostPID", "allowPrivilegedContainer"))
                .allSatisfy(allowed -> assertThat(scc.get(allowed)).isEqualTo(false));
    }

    @Test
    void OpenShift_s_constraints_are_the_agent_s_to_use() {
        Map<String, HasMetadata> objects = Manifests.ofKustomization("deploy/openshift");

        Role role = Manifests.as(Role.class, objects, "Role/iptunnel-system/iptunnel-agent-scc");
        RoleBinding binding =
                Manifests.as(RoleBinding.class, objects, "RoleBinding/iptunnel-system/iptunnel-agent-scc");
        assertThat(role.getRules()).singleElement().satisfies(rule -> {
            assertThat(rule.getResources()).containsExactly("securitycontextconstraints");
            assertThat(rule.getResourceNames()).containsExactly("iptunnel-agent");
            assertThat(rule.getVerbs()).containsExactly("use");
        });
        assertThat(binding.getRoleRef().getName()).isEqualTo("iptunnel-agent-scc");
        assertThat(binding.getSubjects().getFirst().getName())
                .isEqualTo(agent(objects, Manifests.NAMESPACE).getServiceAccountName());
    }

    @Test
    void OpenShift_chooses_the_user_of_the_controller_which_asks_for_nothing_that_restricted_v2_refuses() {
        Map<String, HasMetadata> objects = Manifests.ofKustomization("deploy/openshift/controller");
        PodSpec pod = Manifests.as(Deployment.class, objects, "Deployment/iptunnel-system/iptunnel-controller")
                .getSpec()
                .getTemplate()
                .getSpec();
        SecurityContext security = pod.getContainers().getFirst().getSecurityContext();

        assertThat(pod.getSecurityContext().getRunAsUser()).isNull();
        assertThat(pod.getSecurityContext().getRunAsGroup()).isNull();
        assertThat(pod.getSecurityContext().getRunAsNonRoot()).isTrue();
        assertThat(pod.getSecurityContext().getSeccompProfile().getType()).isEqualTo("RuntimeDefault");
        assertThat(pod.getHostNetwork()).isNull();
        assertThat(pod.getVolumes()).isEmpty();
        assertThat(security.getRunAsUser()).isNull();
        assertThat(security.getAllowPrivilegeEscalation()).isFalse();
        assertThat(security.getCapabilities().getDrop()).containsExactly("ALL");
        assertThat(security.getCapabilities().getAdd()).isEmpty();
    }

    @Test
    void the_component_for_Argo_CD_adds_the_health_script_to_its_settings() throws IOException {
        Map<String, HasMetadata> objects =
                Manifests.ofKustomization("src/test/resources/dev/iptunnel/deploy/argocd-installation");

        ConfigMap settings = Manifests.as(ConfigMap.class, objects, "ConfigMap/argocd/argocd-cm");
        assertThat(settings.getData())
                .containsEntry("application.resourceTrackingMethod", "annotation")
                .containsEntry(
                        "resource.customizations.health.iptunnel.dev_IpTunnel",
                        Files.readString(Path.of(ArgoCdHealth.SCRIPT)))
                .containsEntry(
                        "resource.customizations.health.iptunnel.dev_IpTunnelSet",
                        Files.readString(Path.of(ArgoCdHealth.SCRIPT)));
    }

    private static PodSpec agent(Map<String, HasMetadata> objects, String namespace) {
        return Manifests.as(DaemonSet.class, objects, "DaemonSet/" + namespace + "/iptunnel-agent")
                .getSpec()
                .getTemplate()
                .getSpec();
    }
}
