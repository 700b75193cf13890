package dev.iptunnel.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.api.Program;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the chart's schema refuses, and in which words: a value's place and what is wrong with it. */
@Tag("api")
class ChartValuesTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "imag.tag=1 | at '': additional properties 'imag' not allowed",
                "image.tags=1 | at '/image': additional properties 'tags' not allowed",
                "image.repository= | at '/image/repository': '' does not match pattern",
                "image.tag=v:1 | at '/image/tag': 'v:1' does not match pattern",
                "image.digest=sha256:12 | at '/image/digest': 'sha256:12' does not match pattern '^(sha256:[0-9a-f]{64})?$'",
                "image.pullPolicy=Sometimes | at '/image/pullPolicy': value must be one of '', 'Always', 'IfNotPresent'",
                "nodeSelector.x=1 | at '/nodeSelector/x': got number, want string",
                "tolerations[0].effect=Never | at '/tolerations/0/effect': value must be one of 'NoSchedule'",
                "resources.limit.memory=1 | at '/resources': additional properties 'limit' not allowed",
                "maxUnavailable=0 | at '/maxUnavailable': minimum: got 0, want 1",
                "maxUnavailable=ten | at '/maxUnavailable': 'ten' does not match pattern",
                "protectedNetworks[0]=10.96.0.0 | at '/protectedNetworks/0': '10.96.0.0' does not match pattern",
                "httpAddress=9811 | at '/httpAddress': got number, want string",
                "httpAddress=localhost:9811 | at '/httpAddress': 'localhost:9811' does not match pattern",
                "logLevel=debug | at '/logLevel': value must be one of 'TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'OFF'",
                "logFormat=xml | at '/logFormat': value must be one of 'json', 'text'",
                "metricsPerTunnel=some | at '/metricsPerTunnel': value must be one of 'full', 'basic', 'none'",
                "secureMetrics.port=0 | at '/secureMetrics/port': minimum: got 0, want 1",
                "secureMetrics.secret=x | at '/secureMetrics': additional properties 'secret' not allowed",
                "labels.helm\\.sh/chart=x | at '/labels/helm.sh~1chart': false schema",
                "annotations=x | at '/annotations': got string, want object",
                "crd.install=nein | at '/crd/install': got string, want boolean",
            })
    void a_wrong_value_is_refused(String value, String message) {
        Program template = Manifests.template(value);

        assertThat(template.exitCode()).isNotZero();
        assertThat(template.output()).contains(message);
    }
}
