package dev.iptunnel.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Version;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** One IP-in-IP tunnel on one node. Cluster-scoped, because it changes a node's network. */
@Group("iptunnel.dev")
@Version("v1alpha1")
@ShortNames("ipt")
@JsonIgnoreProperties(ignoreUnknown = true)
public class IpTunnel extends CustomResource<IpTunnelSpec, IpTunnelStatus> {

    /** Null until a spec is read or set: a status patch must not contain a spec. */
    @Override
    protected @Nullable IpTunnelSpec initSpec() {
        return null;
    }

    @Override
    protected @Nullable IpTunnelStatus initStatus() {
        return null;
    }

    /** Whether it has a spec: each object has, unless somebody weakened the CRD. */
    public boolean hasSpec() {
        return getSpec() != null;
    }

    /** The name of the interface that the object is about, be it valid or not. */
    public String interfaceName() {
        return Objects.requireNonNullElse(
                getSpec().interfaceName(), getMetadata().getName());
    }
}
