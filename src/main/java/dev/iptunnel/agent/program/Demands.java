package dev.iptunnel.agent.program;

import dev.iptunnel.planner.Claims;

/** What the objects of the node ask for at the moment when it is read: it may change while a plan waits for its turn. */
@FunctionalInterface
public interface Demands {
    /** Of all objects. */
    Claims claims();

    /** Whether the object that is programmed still asks for what it is programmed for. */
    default boolean isCurrent() {
        return true;
    }
}
