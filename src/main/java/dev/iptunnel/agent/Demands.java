package dev.iptunnel.agent;

import dev.iptunnel.tunnel.Claims;

/** What the objects of the node ask for at the moment when it is read: it may change while a plan waits for its turn. */
@FunctionalInterface
interface Demands {
    /** Of all objects. */
    Claims claims();

    /** Whether the object that is programmed still asks for what it is programmed for. */
    default boolean isCurrent() {
        return true;
    }
}
