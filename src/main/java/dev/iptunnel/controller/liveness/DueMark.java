package dev.iptunnel.controller.liveness;

import dev.iptunnel.controller.cluster.StoredTunnel;

/**
 * A mark that a tunnel has to get.
 *
 * @param death what is the same as long as the agent is not heard of again
 */
record DueMark(StoredTunnel tunnel, LivenessMark mark, String death) {
    String node() {
        return mark.node();
    }

    String uid() {
        return tunnel.getMetadata().getUid();
    }
}
