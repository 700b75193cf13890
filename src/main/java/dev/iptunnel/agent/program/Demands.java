package dev.iptunnel.agent.program;

import dev.iptunnel.planner.Claims;

/** What the objects of the node ask for at the time of the call: it may change while a plan waits for its turn. */
@FunctionalInterface
public interface Demands {
    /** The claims of all objects. */
    Claims claims();

    /** Whether the object still asks for what is being programmed. */
    default boolean isCurrent() {
        return true;
    }

    /** The same where it does not matter whether the object still asks for what is being programmed. */
    default Demands regardless() {
        return new Demands() {
            @Override
            public Claims claims() {
                return Demands.this.claims();
            }
        };
    }
}
