package dev.iptunnel.show;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.iptunnel.kernel.inventory.PresentTunnel;
import dev.iptunnel.netlink.link.LinkStatistics.Counters;
import dev.iptunnel.observation.ObservedAddress;
import dev.iptunnel.observation.ObservedLink;
import dev.iptunnel.observation.ObservedRoute;
import dev.iptunnel.tunnel.InnerRoute;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.TunnelParameters;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.util.List;
import java.util.Optional;

/**
 * Tunnels as JSON. The names of the fields do not change; later versions may add some. A field that says nothing about a
 * tunnel is left out.
 */
public final class TunnelJson {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private TunnelJson() {}

    /** A list of objects, of all tunnels. */
    public static String text(List<ShownTunnel> tunnels) {
        ArrayNode all = JSON.arrayNode();
        tunnels.forEach(tunnel -> all.add(of(tunnel)));
        try {
            return new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsString(all);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static ObjectNode of(ShownTunnel tunnel) {
        ObjectNode json = JSON.objectNode();
        json.put("interface", tunnel.name());
        json.put("mode", tunnel.mode());
        json.put("remote", tunnel.remote());
        tunnel.present().ifPresent(present -> present(json, tunnel, present));
        tunnel.object().ifPresent(name -> json.put("object", name));
        tunnel.sync().ifPresent(sync -> json.set("sync", sync(sync)));
        return json;
    }

    private static void present(ObjectNode json, ShownTunnel shown, PresentTunnel tunnel) {
        ObservedLink link = tunnel.link();
        json.put("ifindex", link.index());
        json.put("local", shown.local());
        if (!shown.parent().isEmpty()) {
            json.put("parent", shown.parent());
        }
        link.tunnel().ifPresent(parameters -> parameters(json, parameters));
        json.put("mtu", link.mtu());
        json.put("up", link.up());
        json.put("operState", link.operState());
        link.master().ifPresent(master -> json.put("master", master.name()));
        if (!link.alias().isEmpty()) {
            json.put("alias", link.alias());
        }
        json.set("owner", owner(TunnelOwner.of(tunnel)));
        strings(
                json,
                "unmanaged",
                link.unmanaged().stream()
                        .map(ObservedLink.UnmanagedSetting::text)
                        .toList());
        ArrayNode addresses = json.putArray("addresses");
        link.addresses().forEach(address -> addresses.add(address(address)));
        ArrayNode routes = json.putArray("routes");
        link.routes().stream().filter(route -> !route.isKernels()).forEach(route -> routes.add(route(route)));
        tunnel.statistics().ifPresent(statistics -> {
            json.set("rx", counters(statistics.received()));
            json.set("tx", counters(statistics.transmitted()));
        });
    }

    private static void parameters(ObjectNode json, TunnelParameters parameters) {
        json.put("driver", parameters.driver().kind());
        json.put("ttl", parameters.ttl());
        parameters.tos().ifPresentOrElse(tos -> json.put("tos", tos), () -> json.put("tos", "inherit"));
        if (parameters.driver().outer() == IpFamily.IPV4) {
            json.put("pathMtuDiscovery", parameters.pathMtuDiscovery());
        } else {
            parameters
                    .encapsulationLimit()
                    .ifPresentOrElse(
                            limit -> json.put("encapsulationLimit", limit),
                            () -> json.put("encapsulationLimit", "none"));
            parameters
                    .flowLabel()
                    .ifPresentOrElse(label -> json.put("flowLabel", label), () -> json.put("flowLabel", "inherit"));
        }
    }

    private static ObjectNode owner(TunnelOwner owner) {
        ObjectNode json = JSON.objectNode();
        json.put("kind", owner.kind().toString());
        owner.mark().ifPresent(mark -> json.put("name", mark.name())
                .put("manager", mark.manager())
                .put("uid", mark.uid())
                .put("deletionPolicy", mark.deletionPolicy().toString()));
        return json;
    }

    private static ObjectNode address(ObservedAddress address) {
        ObjectNode json = JSON.objectNode();
        json.put("address", address.prefix().toString());
        address.peer().ifPresent(peer -> json.put("peer", IpFamily.format(peer)));
        return json.put("ours", address.ours());
    }

    private static ObjectNode route(ObservedRoute observed) {
        InnerRoute route = observed.route();
        ObjectNode json = JSON.objectNode();
        json.put("destination", route.destination().toString());
        route.gateway().ifPresent(gateway -> json.put("gateway", IpFamily.format(gateway)));
        json.put("table", route.table()).put("metric", route.metric());
        return json.put("protocol", observed.protocol()).put("ours", observed.ours());
    }

    private static ObjectNode counters(Counters counters) {
        ObjectNode json = JSON.objectNode();
        unsigned(json, "packets", counters.packets());
        unsigned(json, "bytes", counters.bytes());
        unsigned(json, "errors", counters.errors());
        unsigned(json, "dropped", counters.dropped());
        return json;
    }

    private static void unsigned(ObjectNode json, String name, long value) {
        json.put(name, new BigInteger(Long.toUnsignedString(value)));
    }

    private static ObjectNode sync(Sync sync) {
        ObjectNode json = JSON.objectNode();
        json.put("state", sync.state().toString());
        Optional.of(sync.reason()).filter(reason -> !reason.isEmpty()).ifPresent(reason -> json.put("reason", reason));
        strings(json, "changes", sync.changes());
        strings(json, "refused", sync.refused());
        return json;
    }

    private static void strings(ObjectNode json, String name, List<String> values) {
        if (!values.isEmpty()) {
            ArrayNode array = json.putArray(name);
            values.forEach(array::add);
        }
    }
}
