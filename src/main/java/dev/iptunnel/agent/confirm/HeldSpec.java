package dev.iptunnel.agent.confirm;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.iptunnel.agent.spec.InvalidSpecException;
import dev.iptunnel.agent.spec.SpecReader;
import dev.iptunnel.api.v1alpha1.IpTunnel;
import dev.iptunnel.api.v1alpha1.IpTunnelSpec;
import dev.iptunnel.tunnel.DesiredTunnel;
import dev.iptunnel.tunnel.InnerRoute;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.LocalAddress;
import dev.iptunnel.tunnel.OuterHeader;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A tunnel that the kernel held, as the spec of an IpTunnel: so it is checked when it is read, as any other. */
final class HeldSpec {
    private static final Logger log = LoggerFactory.getLogger(HeldSpec.class);
    private static final String INHERIT = "inherit";

    private HeldSpec() {}

    static JsonNode of(DesiredTunnel tunnel) {
        ObjectNode spec = JsonNodeFactory.instance.objectNode();
        spec.put("mode", tunnel.mode().toString());
        spec.put("interfaceName", tunnel.interfaceName());
        if (tunnel.local() instanceof LocalAddress.Fixed(var address)) {
            spec.put("local", IpFamily.formatEndpoint(address));
        }
        spec.put("remote", IpFamily.formatEndpoint(tunnel.remote()));
        tunnel.parent().ifPresent(parent -> spec.put("parent", parent));
        tunnel.vrf().ifPresent(vrf -> spec.put("vrf", vrf));
        outerHeader(spec, tunnel);
        tunnel.mtu().ifPresent(mtu -> spec.put("mtu", mtu));
        tunnel.addresses().forEach(address -> {
            ObjectNode item = spec.withArray("addresses").addObject();
            item.put("address", address.prefix().toString());
            address.peer().ifPresent(peer -> item.put("peer", IpFamily.format(peer)));
        });
        tunnel.routes().forEach(route -> route(spec.withArray("routes").addObject(), route));
        tunnel.reversePathFilter().ifPresent(filter -> spec.put("reversePathFilter", filter.toString()));
        spec.put("allowIsolation", tunnel.allowIsolation());
        spec.put("adminState", tunnel.up() ? "Up" : "Down");
        spec.put("deletionPolicy", tunnel.mark().deletionPolicy().toString());
        return spec;
    }

    private static void outerHeader(ObjectNode spec, DesiredTunnel tunnel) {
        OuterHeader header = tunnel.outerHeader();
        put(spec, "ttl", header.ttl() == 0 ? OptionalInt.empty() : OptionalInt.of(header.ttl()));
        put(spec, "dscp", header.dscp());
        if (tunnel.mode().outer() == IpFamily.IPV4) {
            spec.put("pathMtuDiscovery", header.pathMtuDiscovery());
        } else {
            header.encapsulationLimit().ifPresent(limit -> spec.put("encapsulationLimit", limit));
            put(spec, "flowLabel", header.flowLabel());
        }
    }

    private static void put(ObjectNode spec, String field, OptionalInt value) {
        value.ifPresentOrElse(number -> spec.put(field, number), () -> spec.put(field, INHERIT));
    }

    private static void route(ObjectNode item, InnerRoute route) {
        item.put("destination", route.destination().toString());
        route.gateway().ifPresent(gateway -> item.put("gateway", IpFamily.format(gateway)));
        item.put("table", route.table());
        item.put("metric", route.metric());
    }

    /** The tunnel that there was before a change; empty if there was none, or if this version cannot read it. */
    static Optional<DesiredTunnel> read(StoredChange change) {
        try {
            return Optional.ofNullable(change.held())
                    .filter(spec -> !spec.isNull())
                    .map(spec -> read(change, spec));
        } catch (InvalidSpecException e) {
            log.atWarn()
                    .addKeyValue("tunnel", change.name())
                    .log("the tunnel before cannot be read, and is not restored: {}", e.detail());
            return Optional.empty();
        }
    }

    private static DesiredTunnel read(StoredChange change, JsonNode held) {
        IpTunnel tunnel = new IpTunnel();
        tunnel.setMetadata(new ObjectMetaBuilder()
                .withName(change.name())
                .withUid(change.uid())
                .withGeneration(change.generation())
                .build());
        tunnel.setSpec(new KubernetesSerialization().convertValue(held, IpTunnelSpec.class));
        return new SpecReader(change.manager(), List.of()).read(tunnel);
    }
}
