package dev.iptunnel.cli;

import dev.iptunnel.api.v1alpha1.ConditionType;
import dev.iptunnel.api.v1alpha1.IpTunnel;
import dev.iptunnel.api.v1alpha1.IpTunnelStatus;
import dev.iptunnel.map.EndState;
import dev.iptunnel.map.MappedTunnel;
import dev.iptunnel.map.Topology;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.KubernetesList;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeAddress;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The IpTunnels of a picture, and the Nodes whose addresses say where a tunnel leads to. Other objects are not drawn. */
final class DrawnObjects {
    private static final KubernetesSerialization READER = new KubernetesSerialization();
    private static final String API_VERSION = "iptunnel.dev/";

    private final List<MappedTunnel> tunnels = new ArrayList<>();
    private final Map<String, List<String>> nodeAddresses = new HashMap<>();

    /**
     * Reads JSON or YAML: a list, one object, or several documents.
     *
     * @param source names the text in an error
     * @throws IllegalArgumentException if the text cannot be read or holds no IpTunnel; the message is one line
     */
    static DrawnObjects read(String source, String text) {
        DrawnObjects objects = new DrawnObjects();
        Object content;
        try {
            content = READER.unmarshal(text);
            objects.addAny(content);
        } catch (RuntimeException e) { // of Jackson, of the YAML parser and of Fabric8
            throw new IllegalArgumentException(source + " cannot be read: " + oneLine(e), e);
        }
        if (objects.tunnels.isEmpty() && !isEmptyList(content)) {
            throw new IllegalArgumentException(source
                    + " holds no IpTunnel: write the output of `kubectl get ipt -o json`, or manifests of IpTunnels");
        }
        return objects;
    }

    private static boolean isEmptyList(@Nullable Object content) {
        return content instanceof KubernetesList list && list.getItems().isEmpty();
    }

    private static String oneLine(RuntimeException e) {
        Throwable cause = e;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return String.valueOf(cause.getMessage())
                .replaceAll("\\[Source: [^;\\]]*; ([^]]*)]", "$1")
                .replaceAll("\\s+", " ")
                .strip();
    }

    private void addAny(@Nullable Object content) {
        switch (content) {
            case KubernetesList list -> list.getItems().forEach(this::addAny);
            case List<?> documents -> documents.forEach(this::addAny);
            case Node node -> add(node);
            case GenericKubernetesResource object -> addGeneric(object);
            case null, default -> {}
        }
    }

    private void addGeneric(GenericKubernetesResource object) {
        if (String.valueOf(object.getApiVersion()).startsWith(API_VERSION)) {
            if (String.valueOf(object.getKind()).equals("IpTunnel")) {
                add(READER.convertValue(object, IpTunnel.class));
            } else if (object.getAdditionalProperties().get("items") instanceof List<?> items) {
                items.forEach(item -> add(READER.convertValue(item, IpTunnel.class)));
            }
        }
    }

    /** Adds the addresses of a node. */
    void add(Node node) {
        nodeAddresses.put(
                node.getMetadata().getName(),
                Stream.ofNullable(node.getStatus())
                        .flatMap(status -> status.getAddresses().stream())
                        .map(NodeAddress::getAddress)
                        .toList());
    }

    /** Adds a tunnel; one without a spec leads nowhere. */
    void add(IpTunnel tunnel) {
        if (tunnel.hasSpec()) {
            Optional<IpTunnelStatus> status = Optional.ofNullable(tunnel.getStatus());
            Optional<Condition> ready = status.filter(current -> isCurrent(current, tunnel)).stream()
                    .flatMap(current -> current.conditions().stream())
                    .filter(condition -> ConditionType.READY.equals(condition.getType()))
                    .findFirst();
            tunnels.add(new MappedTunnel(
                    Objects.requireNonNullElse(tunnel.getMetadata().getName(), ""),
                    tunnel.getSpec().nodeName(),
                    tunnel.getSpec().mode(),
                    local(tunnel, status),
                    tunnel.getSpec().remote(),
                    state(tunnel, ready),
                    ready.map(Condition::getReason).orElse("")));
        }
    }

    private static boolean isCurrent(IpTunnelStatus status, IpTunnel tunnel) {
        return Objects.equals(status.observedGeneration(), tunnel.getMetadata().getGeneration());
    }

    private static String local(IpTunnel tunnel, Optional<IpTunnelStatus> status) {
        return Optional.ofNullable(tunnel.getSpec().local())
                .or(() -> status.map(IpTunnelStatus::local))
                .orElse("");
    }

    private static EndState state(IpTunnel tunnel, Optional<Condition> ready) {
        return switch (ready.map(Condition::getStatus).orElse("Unknown")) {
            case "True" -> tunnel.getSpec().adminState().equals("Down") ? EndState.SET_DOWN : EndState.READY;
            case "False" -> EndState.NOT_READY;
            default -> EndState.UNKNOWN;
        };
    }

    Topology topology() {
        return Topology.of(tunnels, nodeAddresses);
    }
}
