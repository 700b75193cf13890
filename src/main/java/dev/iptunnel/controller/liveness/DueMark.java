package dev.iptunnel.controller.liveness;

import dev.iptunnel.api.v1alpha1.IpTunnel;

/**
 * A mark that a tunnel has to get.
 *
 * @param death what is the same as long as the agent is not heard of again
 */
record DueMark(IpTunnel tunnel, LivenessMark mark, String death) {
    String node() {
        return mark.node();
    }

    String uid() {
        return tunnel.getMetadata().getUid();
    }
}
