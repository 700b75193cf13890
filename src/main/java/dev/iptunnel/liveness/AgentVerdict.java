package dev.iptunnel.liveness;

/** What is known of the agent of a node. */
public enum AgentVerdict {
    /** Its Lease was renewed lately. */
    ALIVE(false, ""),
    /** Nothing speaks for its death: it has no Lease and its Node is ready, or its Lease was not watched for long enough. */
    NOT_JUDGED(false, ""),
    AGENT_NOT_RESPONDING(true, "AgentNotResponding"),
    NODE_NOT_READY(true, "NodeNotReady"),
    /** Its Node was deleted. */
    NODE_GONE(true, "NodeGone"),
    /** No agent has ever written of the node's tunnels, and there is no such Node. */
    NODE_NOT_FOUND(true, "NodeNotFound");

    private final boolean dead;
    private final String reason;

    AgentVerdict(boolean dead, String reason) {
        this.dead = dead;
        this.reason = reason;
    }

    /** Whether the statuses of the node's tunnels are not known any more. */
    public boolean isDead() {
        return dead;
    }

    /** Of a condition; empty unless it is dead. */
    public String reason() {
        return reason;
    }
}
