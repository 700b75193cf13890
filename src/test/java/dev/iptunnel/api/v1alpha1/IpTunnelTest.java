package dev.iptunnel.api.v1alpha1;

import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.api.IpTunnels;
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
                  localFrom: {type: Dhcp, interfaceName: eth0, family: 4}
                  ttl: by-the-moon
                  dscp: EF
                  encapsulationLimit: unlimited
                  flowLabel: random
                  addresses: [{address: 192.168.7.1/30, peer: somebody, label: tun}, null, {}]
                  routes: [{destination: default, gateway: nobody, withdraw: AtNight, nexthops: []}, null, {table: 9, metric: 4294967295}]
                  reversePathFilter: Sometimes
                  adminState: Testing
                  deletionPolicy: Ask
                  adoptionPolicy: Always
                  probe: {type: HTTP, target: somebody, pathMtu: Often, port: 80}
                status: {weather: fine, parent: {name: eth0, speed: 10}}
                """,
                IpTunnel.class);

        var spec = tunnel.getSpec();
        assertThat(spec.mode()).isEqualTo("gre");
        assertThat(spec.localFrom()).isEqualTo(new LocalSource("Dhcp", "eth0"));
        assertThat(spec.ttl()).isEqualTo(new IntOrString("by-the-moon"));
        assertThat(spec.dscp()).isEqualTo(new IntOrString("EF"));
        assertThat(spec.encapsulationLimit()).isEqualTo(new IntOrString("unlimited"));
        assertThat(spec.flowLabel()).isEqualTo(new IntOrString("random"));
        assertThat(spec.addresses())
                .containsExactly(new TunnelAddress("192.168.7.1/30", "somebody"), new TunnelAddress("", null));
        assertThat(spec.routes())
                .containsExactly(
                        new TunnelRoute("default", "nobody", 254L, 0L, "AtNight"),
                        new TunnelRoute("", null, 9L, 4294967295L, null));
        assertThat(spec.reversePathFilter()).isEqualTo("Sometimes");
        assertThat(spec.adminState()).isEqualTo("Testing");
        assertThat(spec.deletionPolicy()).isEqualTo("Ask");
        assertThat(spec.adoptionPolicy()).isEqualTo("Always");
        assertThat(spec.probe()).isEqualTo(new ProbeSpec("HTTP", "somebody", null, null, null, null, "Often"));
        assertThat(tunnel.getStatus().parent()).isEqualTo(new ParentStatus("eth0", null, null));
    }

    @Test
    void a_field_that_is_missing_has_its_default() {
        var spec = IpTunnels.spec("interfaceName: tunnel1");

        assertThat(spec)
                .isEqualTo(new IpTunnelSpec(
                        "",
                        "",
                        "tunnel1",
                        null,
                        null,
                        "",
                        null,
                        null,
                        new IntOrString(64),
                        new IntOrString(0),
                        null,
                        null,
                        null,
                        null,
                        List.of(),
                        List.of(),
                        null,
                        false,
                        null,
                        "Up",
                        false,
                        "Delete",
                        "Never",
                        null));
    }

    @Test
    void a_field_that_is_null_is_read_as_a_missing_field() {
        var spec = IpTunnels.spec(
                """
                interfaceName: tunnel1
                nodeName: null
                mode: null
                local: null
                localFrom: null
                remote: null
                parent: null
                vrf: null
                ttl: null
                dscp: null
                pathMtuDiscovery: null
                encapsulationLimit: null
                flowLabel: null
                mtu: null
                addresses: null
                routes: null
                reversePathFilter: null
                allowIsolation: null
                fallbackPolicy: null
                adminState: null
                paused: null
                deletionPolicy: null
                adoptionPolicy: null
                probe: null
                """);

        assertThat(spec).isEqualTo(IpTunnels.spec("interfaceName: tunnel1"));
    }

    @Test
    void a_spec_that_is_read_and_written_is_unchanged() {
        var manifest =
                """
                addresses: [{address: 192.168.7.1/30, peer: 192.168.7.2}]
                localFrom: {type: Interface, interfaceName: eth0}
                pathMtuDiscovery: false
                routes: [{destination: 10.9.0.0/16, gateway: 192.168.7.2, table: 100, metric: 5}]
                paused: true
                """;

        var spec = IpTunnels.spec(manifest);

        assertThat(IpTunnels.spec(json.asYaml(spec))).isEqualTo(spec);
        assertThat(json.asYaml(spec)).contains("pathMtuDiscovery: false").doesNotContain("null");
    }

    @Test
    void a_status_patch_contains_no_spec() {
        var tunnel = new IpTunnel();
        tunnel.setStatus(new IpTunnelStatus(1L, null, null, null, null, null, null, null, null));
        assertThat(json.asJson(tunnel))
                .isEqualTo("{\"apiVersion\":\"iptunnel.dev/v1alpha1\",\"kind\":\"IpTunnel\",\"metadata\":{},"
                        + "\"status\":{\"observedGeneration\":1}}");
    }
}
