package dev.iptunnel.controller.liveness;

import dev.iptunnel.liveness.AgentVerdict;
import java.util.Map;
import java.util.Set;

/**
 * What a look found.
 *
 * @param agents how many of each verdict there are, for {@code iptunnel_agents{state}}
 * @param dead the nodes whose agents do not respond
 * @param manyDead see {@link dev.iptunnel.liveness.Judgement#manyDead}
 * @param marked tunnels that were marked
 */
public record LivenessReport(Map<AgentVerdict, Long> agents, Set<String> dead, boolean manyDead, int marked) {
    public LivenessReport {
        agents = Map.copyOf(agents);
        dead = Set.copyOf(dead);
    }
}
