package dev.iptunnel.api;

import dev.iptunnel.api.v1alpha1.IpTunnel;
import dev.iptunnel.api.v1alpha1.IpTunnelSpec;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.util.HashMap;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** IpTunnels for tests, written in YAML as in a manifest. */
public final class IpTunnels {
    private static final KubernetesSerialization YAML = new KubernetesSerialization();

    private IpTunnels() {}

    /** The spec of a manifest, without the line {@code spec:}, with values as for {@link String#formatted}. */
    @SuppressWarnings("AnnotateFormatMethod") // the annotation is in a library that nothing else needs
    public static IpTunnelSpec spec(String yaml, @Nullable Object... values) {
        return YAML.unmarshal(yaml.formatted(values), IpTunnelSpec.class);
    }

    /** An ipip tunnel with the required fields only. */
    public static IpTunnel ipip(String name, String node) {
        return tunnel(
                name,
                spec(
                        """
                        nodeName: %s
                        mode: ipip
                        local: 192.0.2.1
                        remote: 192.0.2.2
                        """,
                        node));
    }

    /** The spec with these fields replaced; {@code null} removes a field. */
    public static IpTunnelSpec with(IpTunnelSpec spec, String fields) {
        var all = new HashMap<Object, Object>(YAML.convertValue(spec, Map.class));
        all.putAll(YAML.unmarshal(fields, Map.class));
        return YAML.convertValue(all, IpTunnelSpec.class);
    }

    /**
     * Changes fields of an object's spec, as {@link #with} does. Retries after a conflict with another write, because
     * an agent may write the status.
     */
    public static IpTunnel edit(Resource<IpTunnel> object, String fields) {
        return edit(object, spec -> with(spec, fields));
    }

    public static IpTunnel edit(Resource<IpTunnel> object, UnaryOperator<IpTunnelSpec> change) {
        return Edits.edit(object, tunnel -> {
            tunnel.setSpec(change.apply(tunnel.getSpec()));
            return tunnel;
        });
    }

    /** An object that has this name, this spec and nothing else. */
    public static IpTunnel tunnel(String name, IpTunnelSpec spec) {
        var tunnel = new IpTunnel();
        tunnel.setMetadata(new ObjectMetaBuilder().withName(name).build());
        tunnel.setSpec(spec);
        return tunnel;
    }
}
