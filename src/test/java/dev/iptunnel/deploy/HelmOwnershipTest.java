package dev.iptunnel.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.api.DeployedManifests;
import dev.iptunnel.api.Program;
import dev.iptunnel.api.Readmes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The CRDs outlive a Helm release: how the next release, or the first one after kubectl, gets them. */
@Tag("api")
class HelmOwnershipTest {
    /** As {@code deploy/README.md} shows them. */
    private static final List<String> TAKING_OVER = List.of("--take-ownership", "--force-conflicts");

    private static final String CRD = "iptunnels.iptunnel.dev";
    private static final String SETS = "iptunnelsets.iptunnel.dev";
    private static final String OURS = "--selector=app.kubernetes.io/part-of=iptunnel";

    @BeforeEach
    @AfterEach
    void remove_what_is_deployed() {
        for (String release : List.of("one", "two")) {
            for (String namespace : List.of("helm-one", "helm-two")) {
                Program.run("helm", "uninstall", release, "--namespace", namespace, "--ignore-not-found")
                        .requireOutput();
            }
        }
        String kinds = "clusterroles,clusterrolebindings,validatingadmissionpolicies,validatingadmissionpolicybindings";
        Program.kubectl("delete", kinds, OURS).requireOutput();
        Program.kubectl("delete", "roles,rolebindings", "--namespace=default", OURS)
                .requireOutput();
        Program.kubectl("delete", "crd", CRD, SETS, "--ignore-not-found").requireOutput();
        DeployedManifests.forget();
    }

    @ParameterizedTest
    @CsvSource({"two, helm-one", "one, helm-two", "two, helm-two"})
    void another_release_takes_over_the_CRD_that_an_uninstalled_one_left(String release, String namespace) {
        install("one", "helm-one", List.of()).requireOutput();
        Program.run("helm", "uninstall", "one", "--namespace=helm-one").requireOutput();

        Program refused = install(release, namespace, List.of());
        assertThat(refused.exitCode()).isNotZero();
        assertThat(refused.output()).containsAnyOf(CRD, SETS).contains("invalid ownership metadata");

        install(release, namespace, TAKING_OVER).requireOutput();
        assertThat(releaseOfTheCrd()).isEqualTo(release + " " + namespace);
    }

    @Test
    void the_same_release_is_installed_again_without_more_ado() {
        install("one", "helm-one", List.of()).requireOutput();
        Program.run("helm", "uninstall", "one", "--namespace=helm-one").requireOutput();

        install("one", "helm-one", List.of()).requireOutput();

        assertThat(releaseOfTheCrd()).isEqualTo("one helm-one");
    }

    @ParameterizedTest
    @ValueSource(strings = {"--server-side=false", "--server-side"})
    void a_release_takes_over_an_older_CRD_that_kubectl_applied(String how, @TempDir Path folder) throws IOException {
        Path older = folder.resolve("crd.yaml");
        Files.writeString(
                older,
                Program.kubectl("kustomize", "crds")
                        .requireOutput()
                        .replaceFirst("(?m)^ +shortNames:\n +- ipt\n", "")
                        .replaceAll("version: \\S+-SNAPSHOT", "version: 0.0.1")
                        .replaceAll("Default: 64\\.", "Default: 63."));
        Program.kubectl("apply", how, "-f", older.toString()).requireOutput();

        assertThat(install("one", "helm-one", List.of()).exitCode()).isNotZero();

        install("one", "helm-one", TAKING_OVER).requireOutput();
        assertThat(releaseOfTheCrd()).isEqualTo("one helm-one");
        assertThat(Program.kubectl("get", "crd", CRD, "-o", "jsonpath={.spec} {.metadata.labels}")
                        .requireOutput())
                .contains("\"shortNames\":[\"ipt\"]", "Default: 64.")
                .doesNotContain("Default: 63.", "0.0.1");
    }

    @Test
    void a_release_without_the_CRD_needs_no_ownership() {
        Program.kubectl("apply", "-k", "crds").requireOutput();

        install("one", "helm-one", List.of("--set=crd.install=false")).requireOutput();

        assertThat(releaseOfTheCrd()).isBlank();
    }

    @Test
    void the_README_shows_the_command() throws IOException {
        assertThat(Files.readString(Readmes.DEPLOY))
                .contains("helm install iptunnel deploy/helm/iptunnel --namespace iptunnel-system --create-namespace "
                        + String.join(" ", TAKING_OVER));
    }

    private static Program install(String release, String namespace, List<String> options) {
        List<String> words = new ArrayList<>(List.of("helm", "install", release, Manifests.CHART));
        Collections.addAll(words, "--namespace", namespace, "--create-namespace");
        words.addAll(options);
        return Program.run(words.toArray(String[]::new));
    }

    private static String releaseOfTheCrd() {
        String annotation = "{.metadata.annotations.meta\\.helm\\.sh/release-%s}";
        String path = annotation.formatted("name") + " " + annotation.formatted("namespace");
        return Program.kubectl("get", "crd", CRD, "-o", "jsonpath=" + path).requireOutput();
    }
}
