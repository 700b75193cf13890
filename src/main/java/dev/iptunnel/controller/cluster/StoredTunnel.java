package dev.iptunnel.controller.cluster;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.iptunnel.api.v1alpha1.ConditionType;
import dev.iptunnel.api.v1alpha1.IpTunnelStatus;
import dev.iptunnel.set.ChildTunnel;
import dev.iptunnel.set.Edge;
import dev.iptunnel.set.SetNames;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.Version;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * An IpTunnel whose spec is kept as JSON. The controller compares and passes on fields that it does not know, which a newer
 * CRD may have.
 */
@Group("iptunnel.dev")
@Version("v1alpha1")
@Kind("IpTunnel")
@Plural("iptunnels")
@JsonIgnoreProperties(ignoreUnknown = true)
public class StoredTunnel extends CustomResource<ObjectNode, IpTunnelStatus> {
    private static final String SET_KIND = "IpTunnelSet";
    private static final String GROUP = "iptunnel.dev/";

    /** Null until a spec is read or set. */
    @Override
    protected @Nullable ObjectNode initSpec() {
        return null;
    }

    /** Null until a status is read: what the controller applies has none. */
    @Override
    protected @Nullable IpTunnelStatus initStatus() {
        return null;
    }

    /** The node that holds it; empty in an object that a weakened CRD let through. */
    public String nodeName() {
        return text("nodeName");
    }

    /** A field of the spec that is a text; empty if it is missing. */
    public String text(String field) {
        return getSpec() == null ? "" : getSpec().path(field).asText("");
    }

    /** The name of the interface that the object is about. */
    public String interfaceName() {
        String name = text("interfaceName");
        return name.isEmpty() ? getMetadata().getName() : name;
    }

    public Map<String, String> labels() {
        return Objects.requireNonNullElse(getMetadata().getLabels(), Map.of());
    }

    public Map<String, String> annotations() {
        return Objects.requireNonNullElse(getMetadata().getAnnotations(), Map.of());
    }

    /** The UID of the IpTunnelSet that controls it; empty if there is none. */
    public String setUid() {
        return Objects.requireNonNullElse(getMetadata().getOwnerReferences(), List.<OwnerReference>of()).stream()
                .filter(owner -> Boolean.TRUE.equals(owner.getController())
                        && SET_KIND.equals(owner.getKind())
                        && owner.getApiVersion().startsWith(GROUP))
                .map(OwnerReference::getUid)
                .findFirst()
                .orElse("");
    }

    /** The condition of this type. */
    public Optional<Condition> condition(String type) {
        return Optional.ofNullable(getStatus()).stream()
                .flatMap(status -> status.conditions().stream())
                .filter(condition -> condition != null && type.equals(condition.getType()))
                .findFirst();
    }

    /** As the planner of sets sees it; the object must have a spec. */
    public ChildTunnel asChild() {
        return new ChildTunnel(
                getMetadata().getName(),
                getMetadata().getUid(),
                getMetadata().getResourceVersion(),
                getMetadata().getGeneration(),
                setUid(),
                new Edge(nodeName(), annotations().getOrDefault(SetNames.PEER_NODE, "")),
                labels().getOrDefault(SetNames.REVISION, ""),
                labels(),
                annotations(),
                getSpec(),
                getMetadata().getDeletionTimestamp() != null,
                observed());
    }

    private ChildTunnel.Observed observed() {
        Optional<Condition> ready = condition(ConditionType.READY);
        return new ChildTunnel.Observed(
                Optional.ofNullable(getStatus())
                        .map(IpTunnelStatus::observedGeneration)
                        .orElse(-1L),
                ready.map(Condition::getStatus).orElse("Unknown"),
                ready.map(Condition::getReason).orElse(""),
                ready.map(Condition::getMessage).orElse(""),
                condition(ConditionType.STALLED)
                        .filter(condition -> "True".equals(condition.getStatus()))
                        .map(Condition::getReason),
                unreachable());
    }

    private Optional<String> unreachable() {
        return condition(ConditionType.REACHABLE)
                .map(reachable -> "True".equals(reachable.getStatus())
                        ? Optional.<String>empty()
                        : Optional.of(reachable.getReason() + ": " + reachable.getMessage()))
                .orElse(Optional.of("its agent has not probed it yet"));
    }
}
