package dev.iptunnel.agent.reconcile;

import dev.iptunnel.api.v1alpha1.IpTunnel;
import dev.iptunnel.api.v1alpha1.IpTunnelStatus;

/** Takes the statuses of IpTunnels. Both methods return at once. */
public interface Statuses {
    /** Has the status written. It replaces one of the object that still waits. */
    void write(IpTunnel tunnel, IpTunnelStatus status);

    /** The API server has this status. Another one of the object that still waits is replaced by it. */
    void confirm(IpTunnel tunnel, IpTunnelStatus status);
}
