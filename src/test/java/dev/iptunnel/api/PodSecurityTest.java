package dev.iptunnel.api;

import static dev.iptunnel.api.Refusal.forbidden;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import java.io.IOException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The Pod Security level of the agent's namespace is the one that the agent's pod needs. */
@Tag("api")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PodSecurityTest {
    /** The first minor version of Kubernetes that was seen to do so; 1.32 does not. */
    private static final int FORBIDS_HOSTS_OF_PROBES = 37;

    private final DeployedManifests deployed;

    PodSecurityTest() throws IOException {
        deployed = DeployedManifests.of("deploy/base");
    }

    @AfterAll
    void close() {
        deployed.close();
    }

    @Test
    void the_agents_namespace_admits_its_pod() {
        var namespace = deployed.only(Namespace.class).getMetadata();
        assertThat(namespace.getLabels()).containsEntry("pod-security.kubernetes.io/enforce", "privileged");

        assertThatCode(() ->
                        deployed.admin().resource(podIn(namespace.getName())).create())
                .doesNotThrowAnyException();
    }

    /** These are the only obstacles: the pod asks for nothing else that baseline forbids. */
    @Test
    void baseline_refuses_the_capability_the_node_s_network_its_folders_and_probes_of_its_loopback() {
        var namespace = namespaceOf("baseline");
        var probes = ApiServer.isAtLeast(deployed.admin(), FORBIDS_HOSTS_OF_PROBES)
                ? ", probe or lifecycle host (container \"agent\" uses probe or lifecycle host \"127.0.0.1\")"
                : "";

        assertThat(forbidden(() -> deployed.admin().resource(podIn(namespace)).create()))
                .endsWith("violates PodSecurity \"baseline:latest\": non-default capabilities (container \"agent\" must"
                        + " not include \"NET_ADMIN\" in securityContext.capabilities.add), host namespaces"
                        + " (hostNetwork=true), hostPath volumes (volumes \"sysctls\", \"state\")" + probes);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "allowPrivilegeEscalation",
                "seccompProfile",
                "unrestricted capabilities (container \"agent\" must set"
            })
    void restricted_finds_no_fault_with(String control) {
        var namespace = namespaceOf("restricted");

        assertThat(forbidden(() -> deployed.admin().resource(podIn(namespace)).create()))
                .contains("violates PodSecurity \"restricted:latest\"")
                .doesNotContain(control);
    }

    private String namespaceOf(String level) {
        var name = "pod-security-" + level;
        deployed.admin()
                .resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .addToLabels("pod-security.kubernetes.io/enforce", level)
                        .endMetadata()
                        .build())
                .createOr(existing -> existing.patch());
        deployed.admin()
                .resource(new ServiceAccountBuilder(deployed.account())
                        .editMetadata()
                        .withNamespace(name)
                        .endMetadata()
                        .build())
                .createOr(existing -> existing.patch());
        return name;
    }

    private Pod podIn(String namespace) {
        var template = deployed.only(DaemonSet.class).getSpec().getTemplate();
        return new PodBuilder()
                .withNewMetadata()
                .withGenerateName("agent-")
                .withNamespace(namespace)
                .endMetadata()
                .withSpec(template.getSpec())
                .build();
    }
}
