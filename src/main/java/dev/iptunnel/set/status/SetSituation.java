package dev.iptunnel.set.status;

import dev.iptunnel.set.ChildTunnel;
import dev.iptunnel.set.Edge;
import dev.iptunnel.set.RolloutPolicy;
import dev.iptunnel.set.SetProblem;
import dev.iptunnel.set.rollout.RolloutDecision;
import dev.iptunnel.set.rollout.RolloutDecision.Failure;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What the status of a set is made from.
 *
 * @param nodesKnown whether the list of Nodes is complete and new
 * @param selected how many Nodes the selector chooses
 * @param unusable how many of them cannot be members
 * @param members the names of the nodes that have tunnels
 * @param notReady the members that Kubernetes says are NotReady
 * @param silentAgents the members whose agent does not respond though the Node is Ready
 * @param wanted the tunnels that there should be
 * @param tunnels those that there are
 * @param decision of this pass
 * @param failure the last failed roll-out, as the status remembers it
 * @param obstacle what stops the set apart from the roll-out, such as {@code PoolExhausted}
 */
public record SetSituation(
        boolean nodesKnown,
        int selected,
        int unusable,
        Set<String> members,
        Set<String> notReady,
        Set<String> silentAgents,
        Set<Edge> wanted,
        List<ChildTunnel> tunnels,
        RolloutPolicy policy,
        RolloutDecision decision,
        Optional<Failure> failure,
        Optional<Obstacle> obstacle,
        List<SetProblem> problems) {

    public SetSituation {
        members = Set.copyOf(members);
        notReady = Set.copyOf(notReady);
        silentAgents = Set.copyOf(silentAgents);
        wanted = Set.copyOf(wanted);
        tunnels = List.copyOf(tunnels);
        problems = List.copyOf(problems);
    }

    /**
     * What does not pass by itself.
     *
     * @param reason of the condition Stalled
     * @param message a sentence that says what to do
     */
    public record Obstacle(String reason, String message) {}
}
