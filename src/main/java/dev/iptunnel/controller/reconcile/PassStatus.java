package dev.iptunnel.controller.reconcile;

import dev.iptunnel.api.v1alpha1.StatusMessage;
import dev.iptunnel.api.v1alpha1.set.IpTunnelSet;
import dev.iptunnel.api.v1alpha1.set.IpTunnelSetStatus;
import dev.iptunnel.api.v1alpha1.set.NodeCounts;
import dev.iptunnel.api.v1alpha1.set.PoolCounts;
import dev.iptunnel.api.v1alpha1.set.RolloutStatus;
import dev.iptunnel.api.v1alpha1.set.TunnelCounts;
import dev.iptunnel.controller.write.TunnelWriter.Refusal;
import dev.iptunnel.set.SetProblem;
import dev.iptunnel.set.TunnelSet;
import dev.iptunnel.set.address.AddressPool;
import dev.iptunnel.set.child.ChildTarget;
import dev.iptunnel.set.member.Member;
import dev.iptunnel.set.pass.PassPlan;
import dev.iptunnel.set.revision.Revisions;
import dev.iptunnel.set.rollout.RolloutDecision;
import dev.iptunnel.set.rollout.RolloutDecision.Failure;
import dev.iptunnel.set.rollout.RolloutDecision.Phase;
import dev.iptunnel.set.status.SetSituation;
import dev.iptunnel.set.status.SetSituation.Obstacle;
import dev.iptunnel.set.status.SetStatus;
import java.math.BigInteger;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The status of a set after a pass.
 *
 * @param before the status that the API server has
 * @param dead nodes whose agents do not respond
 * @param revisions as they were before the pass
 */
record PassStatus(
        IpTunnelSet object,
        Optional<IpTunnelSetStatus> before,
        PassPlan plan,
        Set<String> dead,
        Revisions revisions,
        Clock wall) {
    /** What no retry can help, until somebody acts. */
    private static final List<String> OBSTACLES = List.of(
            "PoolExhausted",
            "MassRemovalHeld",
            "EndpointConflict",
            "InterfaceConflict",
            "TooManyRoutes",
            "TooManyAddresses",
            Refused.REASON);

    private static final Set<Phase> UNDER_WAY = EnumSet.of(Phase.CANARY, Phase.ROLLING, Phase.ROLLING_BACK);

    /** Whether it has what must be remembered before a tunnel is written. */
    boolean mustBeWrittenFirst() {
        return decision().failure().isPresent()
                || decision().goal().retry()
                || plan.plan().collisions()
                        != before.map(IpTunnelSetStatus::collisionCount).orElse(0);
    }

    private RolloutDecision decision() {
        return plan.decision();
    }

    private TunnelSet set() {
        return plan.set();
    }

    /** The status. */
    IpTunnelSetStatus of(List<Refusal> refused) {
        List<SetProblem> problems = Stream.concat(plan.problems().stream(), Refused.problems(refused))
                .sorted()
                .toList();
        SetStatus status = SetStatus.of(situation(problems));
        Revisions after = after();
        return new IpTunnelSetStatus(
                object.getMetadata().getGeneration(),
                after.current().orElse(null),
                decision().goal().compared(),
                after.failed(),
                plan.plan().collisions(),
                nodes(status.nodes()),
                tunnels(status.tunnels()),
                pool(),
                rollout(),
                HaltedStatus.problems(status.problems()),
                SetConditionList.of(object, before, status.conditions(), wall));
    }

    private SetSituation situation(List<SetProblem> problems) {
        List<Member> members = plan.members().selectedMembers();
        Set<String> names = members.stream().map(Member::name).collect(Collectors.toSet());
        Set<String> notReady = members.stream()
                .filter(member -> !member.ready())
                .map(Member::name)
                .collect(Collectors.toSet());
        return new SetSituation(
                true,
                plan.members().selected(),
                plan.members().unusable().size(),
                names,
                notReady,
                dead.stream()
                        .filter(node -> names.contains(node) && !notReady.contains(node))
                        .collect(Collectors.toSet()),
                plan.plan().targets().stream().map(ChildTarget::edge).collect(Collectors.toSet()),
                List.copyOf(plan.children().byEdge().values()),
                set().rollout(),
                decision(),
                failure(),
                obstacle(problems),
                problems);
    }

    private static Optional<Obstacle> obstacle(List<SetProblem> problems) {
        return OBSTACLES.stream()
                .flatMap(reason -> problems.stream().filter(problem -> reason.equals(problem.reason())))
                .findFirst()
                .map(problem -> new Obstacle(problem.reason(), problem.message()));
    }

    /** The failure of this pass, or the one that the status remembers. */
    private Optional<Failure> failure() {
        return decision().failure().or(() -> before.map(IpTunnelSetStatus::rollout)
                .filter(_ -> decision().goal().failed())
                .flatMap(rollout -> remembered(rollout.failedNode(), rollout.failedMessage())));
    }

    private Optional<Failure> remembered(@Nullable String node, @Nullable String message) {
        return node == null || message == null
                ? Optional.empty()
                : Optional.of(new Failure(decision().goal().target(), node, message));
    }

    private Revisions after() {
        String target = decision().goal().target();
        if (decision().failure().isPresent()) {
            return revisions.withFailed(decision().failure().get().revision());
        }
        if (decision().done()) {
            return revisions.withCurrent(decision().goal().compared());
        }
        return decision().goal().retry() ? revisions.withoutFailed(target) : revisions;
    }

    private NodeCounts nodes(SetStatus.NodeCounts counts) {
        RolloutDecision.Counts of = counts.members();
        return new NodeCounts(
                counts.selected(),
                of.members(),
                of.updated(),
                of.available(),
                of.updating(),
                of.deferred(),
                of.failed(),
                counts.unusable());
    }

    private static TunnelCounts tunnels(SetStatus.TunnelCounts counts) {
        return new TunnelCounts(
                counts.desired(),
                counts.current(),
                counts.updated(),
                counts.ready(),
                counts.unknown(),
                counts.failed());
    }

    private @Nullable PoolCounts pool() {
        return set().pool()
                .map(ranges -> new PoolCounts(
                        new AddressPool(set().template().mode().inner(), ranges)
                                .capacity()
                                .min(BigInteger.valueOf(Long.MAX_VALUE))
                                .longValue(),
                        plan.allocations().addresses().size(),
                        plan.allocations().quarantined(wall.instant())))
                .orElse(null);
    }

    private RolloutStatus rollout() {
        Optional<Failure> failure = failure();
        return new RolloutStatus(
                decision().phase().toString(),
                UNDER_WAY.contains(decision().phase()) ? startedAt() : null,
                failure.map(Failure::node).orElse(null),
                failure.map(Failure::message).map(StatusMessage::bounded).orElse(null),
                plan.retried().orElse(null));
    }

    private String startedAt() {
        return before.filter(status -> decision().goal().compared().equals(status.updateRevision()))
                .map(IpTunnelSetStatus::rollout)
                .map(RolloutStatus::startedAt)
                .orElseGet(() -> wall.instant().truncatedTo(ChronoUnit.SECONDS).toString());
    }
}
