package dev.iptunnel.api.v1alpha1;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.util.List;
import org.junit.jupiter.api.Test;

class IpTunnelTest {
    private final KubernetesSerialization json = new KubernetesSerialization();

    @Test
    void an_object_of_a_later_version_is_read() {
        var tunnel = json.unmarshal(
                """
                apiVersion: iptunnel.dev/v1alpha1
                kind: IpTunnel
                metadata: {name: tunnel1}
                later: field
                spec:
                  mode: gre
                  adminState: Testing
                  ttl: by-the-moon
                  localFrom: {type: Parent}
                  addresses: [{address: 192.168.7.1/30, peer: 192.168.7.2}, null]
                status: {weather: fine, parent: {name: eth0, speed: 10}}
                """,
                IpTunnel.class);

        assertThat(tunnel.getSpec())
                .isEqualTo(new IpTunnelSpec(
                        null,
                        "gre",
                        null,
                        null,
                        null,
                        null,
                        new IntOrString("by-the-moon"),
                        null,
                        List.of(new TunnelAddress("192.168.7.1/30")),
                        "Testing"));
        assertThat(tunnel.getStatus().parent()).isEqualTo(new ParentStatus("eth0", null, null));
    }

    @Test
    void a_status_patch_carries_no_spec() {
        var tunnel = new IpTunnel();
        tunnel.setStatus(new IpTunnelStatus(1L, null, null, null, null, null, null, null, null));
        assertThat(json.asJson(tunnel))
                .isEqualTo("{\"apiVersion\":\"iptunnel.dev/v1alpha1\",\"kind\":\"IpTunnel\",\"metadata\":{},"
                        + "\"status\":{\"observedGeneration\":1}}");
    }
}
