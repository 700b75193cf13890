package dev.iptunnel.set.child;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.iptunnel.set.SetNames;
import dev.iptunnel.set.SetProblem;
import dev.iptunnel.set.TunnelSet;
import dev.iptunnel.set.TunnelSet.TunnelTemplate;
import dev.iptunnel.tunnel.InnerAddress;
import dev.iptunnel.tunnel.InnerRoute;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.IpPrefix;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * An IpTunnel as a set applies it: only with the fields that the set says, so that others may own the rest.
 *
 * @param object with {@code apiVersion}, {@code kind}, {@code metadata} and {@code spec}
 */
public record ChildManifest(ChildTarget target, String revision, ObjectNode object) {
    /** The limits of the CRD. */
    private static final int MOST_ROUTES = 256;

    private static final int MOST_ADDRESSES = 64;
    private static final String API_VERSION = "iptunnel.dev/v1alpha1";
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    /**
     * Renders a tunnel.
     *
     * @param revision the name of the revision that the template is of
     * @param rolloutAnnotations {@link SetNames#UPDATED_AT} and {@link SetNames#WAS_AVAILABLE}: applying without them removes
     *     them
     */
    public static ChildManifest render(
            TunnelSet set,
            ChildTarget target,
            String revision,
            TunnelTemplate template,
            Map<String, String> rolloutAnnotations) {
        ObjectNode spec = template.spec().deepCopy();
        spec.put("mode", template.mode().toString());
        spec.put("nodeName", target.edge().node());
        writeEndpoints(target, spec);
        if (target.peer().isPresent() || !spec.has("interfaceName")) {
            spec.put("interfaceName", target.networkInterface());
        }
        Optional<InnerAddress> inner = inner(target);
        inner.ifPresent(address -> addAddress(spec, address));
        target.routes().forEach(route -> addRoute(spec, route));
        ObjectNode object = JSON.objectNode();
        object.put("apiVersion", API_VERSION);
        object.put("kind", "IpTunnel");
        object.set("metadata", metadata(set, target, revision, template, annotations(target, rolloutAnnotations)));
        object.set("spec", spec);
        return new ChildManifest(target, revision, object);
    }

    public JsonNode spec() {
        return object.path("spec");
    }

    public JsonNode metadata() {
        return object.path("metadata");
    }

    /** Why the API server would refuse it. */
    public Optional<SetProblem> tooLarge() {
        if (spec().path("routes").size() > MOST_ROUTES) {
            return Optional.of(problem(
                    "TooManyRoutes",
                    "the tunnel would have more than " + MOST_ROUTES + " routes: write fewer and wider networks in"
                            + " nodeOverrides, routes.viaHub and the template"));
        }
        if (spec().path("addresses").size() > MOST_ADDRESSES) {
            return Optional.of(problem(
                    "TooManyAddresses",
                    "the tunnel would have more than " + MOST_ADDRESSES + " addresses: write fewer in the template"));
        }
        return Optional.empty();
    }

    private SetProblem problem(String reason, String message) {
        return new SetProblem(target.edge().node(), target.tunnel(), reason, message);
    }

    private static void writeEndpoints(ChildTarget target, ObjectNode spec) {
        Optional<InetAddress> local = target.node().outer();
        if (target.peer().isPresent()) {
            spec.remove("localFrom");
            local.ifPresent(address -> spec.put("local", IpFamily.format(address)));
            target.peer()
                    .flatMap(peer -> peer.outer())
                    .ifPresent(address -> spec.put("remote", IpFamily.format(address)));
        } else if (!spec.has("local") && !spec.has("localFrom")) {
            local.ifPresent(address -> spec.put("local", IpFamily.format(address)));
        }
    }

    /** With the peer's address, if there is one: /32 or /128. */
    private static Optional<InnerAddress> inner(ChildTarget target) {
        return target.inner().map(address -> new InnerAddress(IpPrefix.host(address), target.peerInner()));
    }

    private static void addAddress(ObjectNode spec, InnerAddress address) {
        ArrayNode addresses = list(spec, "addresses");
        String text = address.prefix().toString();
        for (JsonNode entry : addresses) {
            if (entry.path("address").asText().equals(text)) {
                return;
            }
        }
        ObjectNode entry = addresses.addObject();
        entry.put("address", text);
        address.peer().ifPresent(peer -> entry.put("peer", IpFamily.format(peer)));
    }

    private static void addRoute(ObjectNode spec, InnerRoute route) {
        ArrayNode routes = list(spec, "routes");
        for (JsonNode entry : routes) {
            if (isSame(entry, route)) {
                return;
            }
        }
        ObjectNode entry = routes.addObject();
        entry.put("destination", route.destination().toString());
        if (route.table() != InnerRoute.MAIN_TABLE) {
            entry.put("table", route.table());
        }
        if (route.metric() != 0) {
            entry.put("metric", route.metric());
        }
    }

    private static boolean isSame(JsonNode entry, InnerRoute route) {
        if (!entry.path("destination").asText().equals(route.destination().toString())) {
            return false;
        }
        long table = entry.path("table").asLong(InnerRoute.MAIN_TABLE);
        long metric = entry.path("metric").asLong(0);
        return new InnerRoute(route.destination(), Optional.empty(), table, metric).isSameEntryAs(route);
    }

    private static ArrayNode list(ObjectNode spec, String field) {
        return spec.get(field) instanceof ArrayNode existing ? existing : spec.putArray(field);
    }

    private static Map<String, String> annotations(ChildTarget target, Map<String, String> rollout) {
        Map<String, String> annotations = new TreeMap<>(rollout);
        if (!target.edge().peer().isEmpty()) {
            annotations.put(SetNames.PEER_NODE, target.edge().peer());
        }
        target.peerTunnel().ifPresent(name -> annotations.put(SetNames.PEER_TUNNEL, name));
        inner(target).ifPresent(address -> annotations.put(SetNames.INNER_ADDRESS, text(address)));
        if (!target.routes().isEmpty()) {
            annotations.put(SetNames.ROUTES, "set");
        }
        return annotations;
    }

    private static String text(InnerAddress address) {
        List<String> words = new ArrayList<>(List.of(address.prefix().toString()));
        address.peer().ifPresent(peer -> words.add("peer " + IpFamily.format(peer)));
        return String.join(" ", words);
    }

    private static ObjectNode metadata(
            TunnelSet set,
            ChildTarget target,
            String revision,
            TunnelTemplate template,
            Map<String, String> ownAnnotations) {
        ObjectNode metadata = JSON.objectNode();
        metadata.put("name", target.tunnel());
        ObjectNode labels = metadata.putObject("labels");
        new TreeMap<>(template.labels()).forEach(labels::put);
        labels.put(SetNames.SET, set.name());
        labels.put(SetNames.SET_UID, set.uid());
        labels.put(SetNames.REVISION, revision);
        Map<String, String> all = new TreeMap<>(template.annotations());
        all.putAll(ownAnnotations);
        if (!all.isEmpty()) {
            ObjectNode annotations = metadata.putObject("annotations");
            all.forEach(annotations::put);
        }
        ObjectNode owner = metadata.putArray("ownerReferences").addObject();
        owner.put("apiVersion", API_VERSION);
        owner.put("kind", "IpTunnelSet");
        owner.put("name", set.name());
        owner.put("uid", set.uid());
        owner.put("controller", true);
        owner.put("blockOwnerDeletion", true);
        return metadata;
    }
}
