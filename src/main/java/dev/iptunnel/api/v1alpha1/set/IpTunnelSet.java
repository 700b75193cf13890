package dev.iptunnel.api.v1alpha1.set;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Version;
import org.jspecify.annotations.Nullable;

/** IpTunnels on many nodes, made from one template. Cluster-scoped, because it changes the network of nodes. */
@Group("iptunnel.dev")
@Version("v1alpha1")
@ShortNames("iptset")
@JsonIgnoreProperties(ignoreUnknown = true)
public class IpTunnelSet extends CustomResource<IpTunnelSetSpec, IpTunnelSetStatus> {

    /** Null until a spec is read or set: a status patch must not contain a spec. */
    @Override
    protected @Nullable IpTunnelSetSpec initSpec() {
        return null;
    }

    @Override
    protected @Nullable IpTunnelSetStatus initStatus() {
        return null;
    }

    /** Whether it has a spec: each object has, unless somebody weakened the CRD. */
    public boolean hasSpec() {
        return getSpec() != null;
    }
}
