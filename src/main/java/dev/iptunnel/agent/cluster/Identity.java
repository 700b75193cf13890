package dev.iptunnel.agent.cluster;

import dev.iptunnel.agent.cluster.ObjectLookup.Presence;

/**
 * The cluster and the node of this agent.
 *
 * @param manager the manager in its marks, which stands for the cluster
 * @param nodeName the node whose IpTunnels it manages
 */
public record Identity(String manager, String nodeName) {
    /**
     * Whether the object of this UID is gone because its name now belongs to an object of another node. (A successor on
     * this node takes the tunnel over.)
     */
    public boolean isElsewhere(Presence.Present present, String uid) {
        return !present.uid().equals(uid) && !present.nodeName().equals(nodeName);
    }
}
