package dev.iptunnel.controller.spec;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.iptunnel.api.SetFixtures;
import dev.iptunnel.api.SetFixtures.Refused;
import dev.iptunnel.set.AddressRanges;
import dev.iptunnel.set.NodeOverride;
import dev.iptunnel.set.NodeSelector;
import dev.iptunnel.set.OuterAddresses;
import dev.iptunnel.set.PeerRoutes;
import dev.iptunnel.set.RolloutPolicy;
import dev.iptunnel.set.RolloutPolicy.MaxUnavailable;
import dev.iptunnel.set.RolloutPolicy.OnFailure;
import dev.iptunnel.set.SetTopology;
import dev.iptunnel.set.TunnelSet;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.IpPrefix;
import dev.iptunnel.tunnel.TunnelMode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class TunnelSetReaderTest {
    private static final YAMLMapper YAML = new YAMLMapper();

    @Test
    void every_field_of_a_set_is_read() throws IOException {
        TunnelSet set = valid(SetFixtures.base("mesh"));

        assertThat(set.nodeSelector().selects(Map.of("example.com/backbone", "true", "zone", "a")))
                .isTrue();
        assertThat(set.nodeSelector().selects(Map.of("example.com/backbone", "true", "zone", "c")))
                .isFalse();
        assertThat(set.topology()).isEqualTo(new SetTopology.Mesh());
        assertThat(set.outerAddresses())
                .isEqualTo(new OuterAddresses(OuterAddresses.Type.INTERNAL_IP, List.of(network("10.77.0.0/24"))));
        assertThat(set.interfacePrefix()).contains("bb");
        assertThat(set.pool())
                .contains(new AddressRanges(List.of(network("10.200.0.0/16")), List.of(network("10.200.0.0/24"))));
        assertThat(set.routes()).isEqualTo(new PeerRoutes(true, List.of(), 100, 20));
        assertThat(set.override("node7"))
                .isEqualTo(new NodeOverride(
                        Optional.of(IpFamily.IPV4.parse("198.51.100.7")),
                        Optional.of(IpFamily.IPV4.parse("10.200.1.7")),
                        List.of(network("192.168.40.0/24")),
                        false));
        assertThat(set.override("node8").excluded()).isTrue();
        assertThat(set.template().mode()).isEqualTo(TunnelMode.IPIP);
        assertThat(set.template().labels()).containsExactly(Map.entry("example.com/team", "network"));
        assertThat(set.template().annotations()).containsExactly(Map.entry("example.com/Owner", "who?"));
        assertThat(set.template().spec()).isEqualTo(SetFixtures.base("mesh").at("/spec/template/spec"));
        assertThat(set.rollout())
                .isEqualTo(new RolloutPolicy(
                        false,
                        new MaxUnavailable(2, false),
                        0,
                        Duration.ZERO,
                        Duration.ofSeconds(60),
                        false,
                        0,
                        OnFailure.ROLLBACK));
    }

    @Test
    void what_is_left_out_has_the_defaults_of_the_CRD() throws IOException {
        TunnelSet set = valid(SetFixtures.base("per-node"));

        assertThat(set.nodeSelector()).isEqualTo(NodeSelector.ALL);
        assertThat(set.topology()).isEqualTo(new SetTopology.PerNode());
        assertThat(set.outerAddresses()).isEqualTo(new OuterAddresses(OuterAddresses.Type.INTERNAL_IP, List.of()));
        assertThat(set.interfacePrefix()).isEmpty();
        assertThat(set.pool()).isEmpty();
        assertThat(set.routes()).isEqualTo(new PeerRoutes(false, List.of(), 254, 0));
        assertThat(set.overrides()).isEmpty();
        assertThat(set.rollout())
                .isEqualTo(new RolloutPolicy(
                        false,
                        new MaxUnavailable(10, true),
                        1,
                        Duration.ofSeconds(10),
                        Duration.ofSeconds(300),
                        false,
                        0,
                        OnFailure.PAUSE));
        assertThat(set.leave()).isEqualTo(Duration.ofSeconds(60));
        assertThat(set.maxTunnels()).isEqualTo(20_000);
        assertThat(set.revisionHistoryLimit()).isEqualTo(5);
        assertThat(set.created()).isEqualTo(Instant.MAX);
        assertThat(set.retry()).isEmpty();
        assertThat(set.confirmedRemoval()).isEmpty();
    }

    @Test
    void a_roll_out_that_goes_by_the_peers_waits_until_the_probes_would_notice() throws IOException {
        ObjectNode manifest = SetFixtures.base("mesh");
        ((ObjectNode) manifest.at("/spec/rollout")).put("require", "Reachable").put("progressDeadlineSeconds", 100);
        ((ObjectNode) manifest.at("/spec/template/spec"))
                .putObject("probe")
                .put("type", "ICMP")
                .put("intervalSeconds", 5)
                .put("failureThreshold", 4);

        RolloutPolicy rollout = valid(manifest).rollout();

        assertThat(rollout.reachable()).isTrue();
        assertThat(rollout.minReady()).isEqualTo(Duration.ofSeconds(22));
    }

    @Test
    void hubs_are_read() throws IOException {
        TunnelSet set = valid(SetFixtures.base("hubs"));

        assertThat(set.topology()).isInstanceOfSatisfying(SetTopology.HubAndSpoke.class, hubs -> {
            assertThat(hubs.hubs().selects(Map.of("example.com/hub", "true"))).isTrue();
            assertThat(hubs.hubs().selects(Map.of())).isFalse();
            assertThat(hubs.hubMesh()).isFalse();
        });
        assertThat(set.routes().viaHub()).containsExactly(IpPrefix.parse(IpFamily.IPV6, "fd00:9::/48"));
    }

    @Test
    void hubs_have_tunnels_to_one_another_by_default() throws IOException {
        ObjectNode manifest = SetFixtures.base("hubs");
        ((ObjectNode) manifest.at("/spec/topology")).remove("hubMesh");

        assertThat(valid(manifest).topology())
                .isInstanceOfSatisfying(SetTopology.HubAndSpoke.class, hubs -> assertThat(hubs.hubMesh())
                        .isTrue());
    }

    @Test
    void metadata_and_annotations_are_read() throws IOException {
        ObjectNode manifest = SetFixtures.base("per-node");
        ObjectNode metadata = (ObjectNode) manifest.get("metadata");
        metadata.put("uid", "a-uid").put("generation", 4).put("creationTimestamp", "2026-01-02T03:04:05Z");
        metadata.putObject("annotations")
                .put("iptunnel.dev/retry", "backbone-r4")
                .put("iptunnel.dev/confirm-removal", "4");

        TunnelSet set = valid(manifest);

        assertThat(set.name()).isEqualTo("backbone");
        assertThat(set.uid()).isEqualTo("a-uid");
        assertThat(set.generation()).isEqualTo(4);
        assertThat(set.created()).isEqualTo(Instant.parse("2026-01-02T03:04:05Z"));
        assertThat(set.retry()).contains("backbone-r4");
        assertThat(set.confirmedRemoval()).contains(4L);
    }

    @ParameterizedTest
    @ValueSource(strings = {"yes", "-1", "4.0", "99999999999999999999"})
    void a_confirmation_that_is_no_generation_confirms_nothing(String text) throws IOException {
        ObjectNode manifest = SetFixtures.base("per-node");
        ((ObjectNode) manifest.get("metadata")).putObject("annotations").put("iptunnel.dev/confirm-removal", text);

        assertThat(valid(manifest).confirmedRemoval()).isEmpty();
    }

    @Test
    void a_field_of_the_template_that_is_not_known_is_passed_on() throws IOException {
        ObjectNode manifest = SetFixtures.base("per-node");
        ObjectNode spec = (ObjectNode) manifest.at("/spec/template/spec");
        spec.set("probe", YAML.readTree("{type: ICMP}"));

        assertThat(valid(manifest).template().spec()).isEqualTo(spec);
    }

    /** An older API server may let through what this one refuses. */
    @ParameterizedTest
    @MethodSource("dev.iptunnel.api.SetFixtures#refused")
    void what_the_API_server_refuses_is_found_here_too(Refused refused) throws IOException {
        String field = refused.refusal().substring(0, refused.refusal().indexOf(": "));

        assertThat(findings(refused.object())).singleElement().satisfies(finding -> {
            assertThat(finding.message()).isNotEmpty();
            assertThat(finding.reason())
                    .isEqualTo(field.startsWith("spec.template") ? "InvalidTemplate" : "InvalidSpec");
            assertThat(related(finding.field(), field.equals("<nil>") ? "metadata.name" : field))
                    .as("%s, and the API server says %s", finding, field)
                    .isTrue();
        });
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "remote that is made up otherwise  | {mode: ipip, remote: 192.0.2.1}",
                "other remote that is made up      | {mode: ipip, remote: 192.0.2.2}",
                "remote in another spelling        | {mode: ip6ip6, remote: '2001:db8:0::2'}",
                "any remote                        | {mode: sit, remote: any}",
                "address of the node               | {mode: ipip6, remote: '2001:db8::1', localFrom: {type: NodeAddress}}",
                "interface's name                  | {mode: ipip, remote: 192.0.2.1, interfaceName: lb0}",
            })
    void a_template_is_valid_that_an_agent_can_program(String title, String template) throws IOException {
        ObjectNode manifest = SetFixtures.base("per-node");
        ((ObjectNode) manifest.at("/spec/template")).set("spec", YAML.readTree(template));

        assertThat(findings(manifest)).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("dev.iptunnel.api.Samples#sets")
    void a_sample_is_valid(Path sample) throws IOException {
        assertThat(findings((ObjectNode) YAML.readTree(Files.readString(sample))))
                .isEmpty();
    }

    @Test
    void a_value_that_a_field_of_the_template_cannot_have_is_found() throws IOException {
        ObjectNode manifest = SetFixtures.base("per-node");
        ((ObjectNode) manifest.at("/spec/template/spec")).put("mtu", "large");

        assertThat(findings(manifest))
                .containsExactly(new SetFinding(
                        "InvalidTemplate",
                        "spec.template.spec.mtu",
                        "not a value that this field can have: `kubectl explain ipt.spec` says which"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "{spec: null}", "{spec: {}}", "{spec: {template: {spec: {mode: ipip}}}}"})
    void a_set_that_lacks_what_is_required_is_invalid(String text) throws IOException {
        ObjectNode manifest = (ObjectNode) YAML.readTree(text);
        manifest.putObject("metadata");

        assertThat(findings(manifest)).isNotEmpty();
    }

    private static boolean related(String one, String other) {
        String plain = one.replaceAll("\\[[0-9]+]", "");
        String otherPlain = other.replaceAll("\\[[0-9]+]", "");
        return plain.startsWith(otherPlain) || otherPlain.startsWith(plain);
    }

    private static TunnelSet valid(ObjectNode manifest) throws IOException {
        SetReading reading = TunnelSetReader.read(SetFixtures.model(manifest));
        assertThat(reading).isInstanceOf(SetReading.Valid.class);
        return ((SetReading.Valid) reading).set();
    }

    private static List<SetFinding> findings(ObjectNode manifest) throws IOException {
        return switch (TunnelSetReader.read(SetFixtures.model(manifest))) {
            case SetReading.Valid _ -> List.of();
            case SetReading.Invalid invalid -> invalid.findings();
        };
    }

    private static IpPrefix network(String text) {
        return IpPrefix.parse(IpFamily.IPV4, text);
    }
}
