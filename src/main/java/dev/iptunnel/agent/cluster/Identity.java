package dev.iptunnel.agent.cluster;

import dev.iptunnel.agent.cluster.ObjectLookup.Presence;

/**
 * Whose agent this is.
 *
 * @param manager the one in its marks
 * @param nodeName whose IpTunnels it sees to
 */
public record Identity(String manager, String nodeName) {
    /**
     * Whether an object of this UID is gone, since its name is that of another one on another node now. A successor on this
     * node takes the tunnel over.
     */
    public boolean isElsewhere(Presence.Present present, String uid) {
        return !present.uid().equals(uid) && !present.nodeName().equals(nodeName);
    }
}
