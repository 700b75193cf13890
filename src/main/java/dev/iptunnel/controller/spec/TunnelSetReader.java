package dev.iptunnel.controller.spec;

import dev.iptunnel.api.v1alpha1.set.IpTunnelSet;
import dev.iptunnel.api.v1alpha1.set.IpTunnelSetSpec;
import dev.iptunnel.api.v1alpha1.set.NodeAddressSpec;
import dev.iptunnel.api.v1alpha1.set.RoutesSpec;
import dev.iptunnel.set.AddressRanges;
import dev.iptunnel.set.NodeSelector;
import dev.iptunnel.set.OuterAddresses;
import dev.iptunnel.set.PeerRoutes;
import dev.iptunnel.set.SetNames;
import dev.iptunnel.set.SetTopology;
import dev.iptunnel.set.TunnelSet;
import dev.iptunnel.tunnel.TunnelMode;
import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads an IpTunnelSet into what it asks for. The API server has checked the spec, but an older CRD may have accepted what
 * this one would not. So everything is checked again. Changes of what is immutable are not seen here.
 */
public final class TunnelSetReader {
    private static final long MOST = 0xffff_ffffL;
    private static final long MOST_METRIC = 4_000_000_000L;
    private static final int LOCAL_TABLE = 255;

    private final Findings findings = new Findings();

    private TunnelSetReader() {}

    /** Never throws: what is wrong is in the answer. */
    public static SetReading read(IpTunnelSet set) {
        TunnelSetReader reader = new TunnelSetReader();
        Optional<TunnelSet> read = set.hasSpec() ? reader.read(set.getMetadata(), set.getSpec()) : Optional.empty();
        reader.findings.require(set.hasSpec(), "spec", "write the tunnels that are asked for");
        return read.isPresent() && reader.findings.isEmpty()
                ? new SetReading.Valid(read.get())
                : new SetReading.Invalid(reader.findings.all());
    }

    /** Without a mode nothing else can be read. */
    private Optional<TunnelSet> read(ObjectMeta metadata, IpTunnelSetSpec spec) {
        return new TemplateReader(findings).mode(spec.template()).map(mode -> read(metadata, spec, mode));
    }

    private TunnelSet read(ObjectMeta metadata, IpTunnelSetSpec spec, TunnelMode mode) {
        NetworkReader outer = new NetworkReader(findings, mode.outer(), "mode " + mode + " carries in " + mode.outer());
        NetworkReader inner = new NetworkReader(findings, mode.inner(), "mode " + mode + " carries " + mode.inner());
        SetTopology topology = new TopologyReader(findings).read(spec.topology());
        boolean perNode = topology instanceof SetTopology.PerNode;
        Optional<AddressRanges> pool =
                Optional.ofNullable(spec.addressPool()).map(new PoolReader(findings, inner)::read);
        bounds("spec.leaveSeconds", spec.leaveSeconds(), 0, 86_400);
        bounds("spec.maxTunnels", spec.maxTunnels(), 1, 100_000);
        bounds("spec.revisionHistoryLimit", spec.revisionHistoryLimit(), 1, 50);
        return new TunnelSet(
                name(metadata),
                Objects.requireNonNullElse(metadata.getUid(), ""),
                Objects.requireNonNullElse(metadata.getGeneration(), 0L),
                created(metadata),
                nodes(spec.nodeSelector()),
                topology,
                outerAddresses(spec.nodeAddress(), outer),
                interfacePrefix(spec),
                pool,
                routes(spec.routes(), inner, topology),
                new OverrideReader(findings, outer, inner).read(spec.nodeOverrides(), pool, perNode),
                new TemplateReader(findings).read(spec.template(), mode, perNode),
                new RolloutReader(findings)
                        .read(spec.rollout(), spec.template().spec().path("probe")),
                Duration.ofSeconds(spec.leaveSeconds()),
                spec.maxTunnels(),
                spec.revisionHistoryLimit(),
                annotation(metadata, SetNames.RETRY),
                annotation(metadata, SetNames.CONFIRM_REMOVAL).flatMap(TunnelSetReader::number));
    }

    private String name(ObjectMeta metadata) {
        String name = Objects.requireNonNullElse(metadata.getName(), "");
        findings.require(
                name.matches("[a-z0-9]([-a-z0-9]{0,38}[a-z0-9])?"),
                "metadata.name",
                "write a metadata.name of at most 40 characters: a-z, 0-9 and \"-\", with a letter or digit at both"
                        + " ends; the names of the tunnels begin with it");
        return name;
    }

    private Instant created(ObjectMeta metadata) {
        String timestamp = metadata.getCreationTimestamp();
        try {
            return timestamp == null ? Instant.MAX : Instant.parse(timestamp);
        } catch (DateTimeParseException e) {
            findings.add("metadata.creationTimestamp", "\"" + timestamp + "\" is no time");
            return Instant.MAX;
        }
    }

    /** A selector that is missing selects no node, for it is not known which are meant. */
    private NodeSelector nodes(@Nullable LabelSelector selector) {
        if (selector == null) {
            findings.add("spec.nodeSelector", "write which nodes have tunnels; {} selects all nodes");
            return NodeSelector.ALL;
        }
        return new SelectorReader(findings).read("spec.nodeSelector", selector);
    }

    private OuterAddresses outerAddresses(NodeAddressSpec address, NetworkReader outer) {
        boolean internal = address.type().equals(OuterAddresses.Type.INTERNAL_IP.toString());
        boolean external = address.type().equals(OuterAddresses.Type.EXTERNAL_IP.toString());
        findings.require(
                internal || external,
                "spec.nodeAddress.type",
                "\"" + address.type() + "\" is neither InternalIP nor ExternalIP");
        return new OuterAddresses(
                external ? OuterAddresses.Type.EXTERNAL_IP : OuterAddresses.Type.INTERNAL_IP,
                outer.networks("spec.nodeAddress.cidrs", address.cidrs()));
    }

    private Optional<String> interfacePrefix(IpTunnelSetSpec spec) {
        Optional<String> prefix = Optional.ofNullable(spec.interfacePrefix());
        findings.require(
                prefix.filter(text -> !text.matches("[a-z][a-z0-9]{0,3}")).isEmpty(),
                "spec.interfacePrefix",
                "write 1 to 4 characters a-z and 0-9, the first one a letter");
        findings.require(
                prefix.isEmpty() || !spec.template().spec().has("interfaceName"),
                "spec.interfacePrefix",
                "template.spec.interfaceName already gives the name: leave one of the two out");
        return prefix;
    }

    private PeerRoutes routes(RoutesSpec routes, NetworkReader inner, SetTopology topology) {
        findings.require(
                !routes.podCIDRs() || !(topology instanceof SetTopology.PerNode),
                "spec.routes.podCIDRs",
                "with topology PerNode the other end is no node with podCIDRs: leave podCIDRs out, and write"
                        + " template.spec.routes");
        findings.require(
                routes.viaHub().isEmpty() || topology instanceof SetTopology.HubAndSpoke,
                "spec.routes.viaHub",
                "only topology HubAndSpoke has hubs: leave viaHub out");
        bounds("spec.routes.table", routes.table(), 1, MOST);
        findings.require(
                routes.table() != LOCAL_TABLE,
                "spec.routes.table",
                "the table where the kernel keeps the node's own addresses: write another, 254 is the main one");
        bounds("spec.routes.metric", routes.metric(), 0, MOST_METRIC);
        return new PeerRoutes(
                routes.podCIDRs(),
                inner.networks("spec.routes.viaHub", routes.viaHub()),
                routes.table(),
                routes.metric());
    }

    private void bounds(String field, long number, long least, long most) {
        findings.require(number >= least && number <= most, field, "write a number from " + least + " to " + most);
    }

    private static Optional<String> annotation(ObjectMeta metadata, String key) {
        Map<String, String> annotations = Objects.requireNonNullElse(metadata.getAnnotations(), Map.of());
        return Optional.ofNullable(annotations.get(key));
    }

    /** Empty if it is no generation: then nothing is confirmed. */
    private static Optional<Long> number(String text) {
        return text.matches("[0-9]{1,18}") ? Optional.of(Long.valueOf(text)) : Optional.empty();
    }
}
