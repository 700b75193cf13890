package dev.iptunnel.controller.spec;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.iptunnel.agent.spec.InvalidSpecException;
import dev.iptunnel.agent.spec.SpecReader;
import dev.iptunnel.api.v1alpha1.IpTunnel;
import dev.iptunnel.api.v1alpha1.IpTunnelSpec;
import dev.iptunnel.api.v1alpha1.set.TemplateSpec;
import dev.iptunnel.set.TunnelSet.TunnelTemplate;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.TunnelMode;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import java.net.InetAddress;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Reads the template of a set. It is checked as the agents would check the IpTunnels: with made-up endpoints in place of
 * those that the controller writes.
 */
final class TemplateReader {
    private static final String FIELD = "spec.template.spec";
    private static final String OURS = "iptunnel.dev/";
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Findings findings;

    TemplateReader(Findings findings) {
        this.findings = findings;
    }

    Optional<TunnelMode> mode(TemplateSpec template) {
        String text = template.spec().path("mode").asText();
        Optional<TunnelMode> mode = TunnelMode.ofText(text);
        findings.require(mode.isPresent(), FIELD + ".mode", "\"" + text + "\" is none of ipip, sit, ip6ip6, ipip6");
        return mode;
    }

    /** @param perNode whether the template has the remote, and may have the local address and the interface's name */
    TunnelTemplate read(TemplateSpec template, TunnelMode mode, boolean perNode) {
        TemplateSpec.Metadata metadata =
                Optional.ofNullable(template.metadata()).orElseGet(() -> new TemplateSpec.Metadata(null, null));
        LabelText.check(findings, "spec.template.metadata.labels", metadata.labels());
        findings.require(
                metadata.annotations().keySet().stream()
                        .map(key -> key.toLowerCase(Locale.ROOT))
                        .allMatch(LabelText::isKey),
                "spec.template.metadata.annotations",
                "no key of an annotation: write one like \"example.com/owner\"");
        leaveOurs("labels", metadata.labels());
        leaveOurs("annotations", metadata.annotations());
        ObjectNode spec = template.spec();
        findings.require(!spec.has("nodeName"), FIELD + ".nodeName", "the controller writes the node: leave it out");
        if (perNode) {
            findings.require(
                    spec.has("remote"),
                    FIELD + ".remote",
                    "with topology PerNode every tunnel has the same remote: write its address, or \"any\"");
        } else {
            leaveEndpoints(spec);
        }
        if (findings.isEmpty()) {
            checkAsAgent(spec, mode);
        }
        return new TunnelTemplate(mode, metadata.labels(), metadata.annotations(), spec);
    }

    private void leaveOurs(String what, Map<String, String> entries) {
        findings.require(
                entries.keySet().stream().noneMatch(key -> key.startsWith(OURS)),
                "spec.template.metadata." + what,
                what + " that begin with " + OURS + " belong to the controller: write another key");
    }

    private void leaveEndpoints(ObjectNode spec) {
        findings.require(
                !spec.has("interfaceName"),
                FIELD + ".interfaceName",
                "each of a node's tunnels needs a name of its own: leave interfaceName out, and write"
                        + " spec.interfacePrefix to choose how the names begin");
        for (String field : List.of("local", "localFrom")) {
            findings.require(
                    !spec.has(field),
                    FIELD + "." + field,
                    "the controller writes the nodes' addresses: leave " + field + " out, and write spec.nodeAddress"
                            + " or spec.nodeOverrides to choose others");
        }
        findings.require(
                !spec.has("remote"),
                FIELD + ".remote",
                "the controller writes the addresses of the peers: leave remote out; for tunnels to one remote write"
                        + " topology PerNode");
        findings.require(
                !spec.path("probe").has("target"),
                FIELD + ".probe.target",
                "each tunnel has another end: leave target out, and the node at the other end is asked by its address of"
                        + " the pool");
    }

    private void checkAsAgent(ObjectNode spec, TunnelMode mode) {
        try {
            IpTunnel tunnel = new IpTunnel();
            tunnel.setMetadata(new ObjectMetaBuilder()
                    .withName("template")
                    .withUid("template")
                    .build());
            tunnel.setSpec(JSON.treeToValue(withEndpoints(spec, mode), IpTunnelSpec.class));
            new SpecReader("set", madeUp(mode.outer())).read(tunnel);
        } catch (InvalidSpecException e) {
            int colon = e.detail().indexOf(": ");
            findings.add(
                    e.detail().substring(0, colon).replaceFirst("^spec", FIELD),
                    e.detail().substring(colon + 2));
        } catch (JsonProcessingException e) {
            findings.add(
                    FIELD + path(e), "not a value that this field can have: `kubectl explain ipt.spec` says which");
        }
    }

    /** From the spec to the field that cannot be read. */
    private static String path(JsonProcessingException e) {
        return e instanceof JsonMappingException mapping
                ? mapping.getPath().stream()
                        .map(step ->
                                step.getFieldName() == null ? "[" + step.getIndex() + "]" : "." + step.getFieldName())
                        .collect(Collectors.joining())
                : "";
    }

    /** For documentation only (RFC 5737, RFC 3849), so that they are no address of a node. */
    private static List<InetAddress> madeUp(IpFamily family) {
        return Stream.of("1", "2")
                .map(host -> family.parse(family == IpFamily.IPV4 ? "192.0.2." + host : "2001:db8::" + host))
                .toList();
    }

    private static ObjectNode withEndpoints(ObjectNode spec, TunnelMode mode) {
        List<InetAddress> addresses = madeUp(mode.outer());
        ObjectNode child = spec.deepCopy().put("nodeName", "node");
        if (!child.has("remote")) {
            child.put("remote", IpFamily.format(addresses.getFirst()));
        }
        if (!child.has("local") && !child.has("localFrom")) {
            Optional<InetAddress> remote = IpFamily.literal(child.path("remote").asText());
            child.put(
                    "local",
                    IpFamily.format(
                            remote.equals(Optional.of(addresses.getLast()))
                                    ? addresses.getFirst()
                                    : addresses.getLast()));
        }
        if (!child.has("interfaceName")) {
            child.put("interfaceName", "made-up-by-set");
        }
        return child;
    }
}
