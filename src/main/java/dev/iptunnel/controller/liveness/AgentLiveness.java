package dev.iptunnel.controller.liveness;

import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.toList;
import static java.util.stream.Collectors.toMap;
import static java.util.stream.Collectors.toSet;

import dev.iptunnel.controller.cluster.StoredTunnel;
import dev.iptunnel.liveness.AgentVerdict;
import dev.iptunnel.liveness.FleetSighting;
import dev.iptunnel.liveness.Judgement;
import dev.iptunnel.liveness.LivenessJudge;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Marks the tunnels of dead agents. Which tunnels lack a mark is found anew in each look, so nothing is lost when the
 * controller restarts. A mark is never taken away here: the agent writes its status when it returns.
 *
 * <p>Not thread-safe: one thread calls {@link #look} every five seconds.
 */
public final class AgentLiveness {
    private static final Logger log = LoggerFactory.getLogger(AgentLiveness.class);
    private static final Duration PERIOD = Duration.ofSeconds(5);
    private static final Duration PAUSE = Duration.ofSeconds(1).dividedBy(50);
    private static final Duration PAUSE_OF_MANY = Duration.ofSeconds(1).dividedBy(5);

    /** RFC 6585. */
    private static final int TOO_MANY_REQUESTS = 429;

    private final LivenessApi api;
    private final FleetView fleet;
    private final Clock wall;
    private final InstantSource steady;
    private final Consumer<Duration> pause;
    private final LivenessJudge judge = new LivenessJudge();
    private final MarkHistory history = new MarkHistory();

    /**
     * For a controller that leads.
     *
     * @param namespace of the agents' Leases
     * @param steady a clock that cannot be set
     */
    public AgentLiveness(KubernetesClient client, String namespace, FleetView fleet, Clock wall, InstantSource steady) {
        this(new LivenessRequests(client, namespace), fleet, wall, steady, AgentLiveness::sleep);
    }

    AgentLiveness(LivenessApi api, FleetView fleet, Clock wall, InstantSource steady, Consumer<Duration> pause) {
        this.api = api;
        this.fleet = fleet;
        this.wall = wall;
        this.steady = steady;
        this.pause = pause;
    }

    /** Looks at all agents, and marks tunnels for at most five seconds; those that are left are marked in the next looks. */
    public LivenessReport look() {
        Map<String, AgentLease> leases = byNode(fleet.leases());
        Map<String, List<StoredTunnel>> tunnels =
                fleet.tunnels().stream().collect(groupingBy(tunnel -> tunnel.nodeName(), TreeMap::new, toList()));
        Judgement judgement = judge.look(sighting(leases, tunnels));
        if (judgement.anew()) {
            log.atInfo().log("agents are judged anew: this process was stopped, or it did not hear of the API server");
        }
        Map<String, List<DueMark>> due = due(judgement, leases, tunnels);
        int marked = mark(due, judgement.manyDead(), leases);
        removeLeases(judgement, leases, due.keySet());
        return new LivenessReport(
                judgement.verdicts().values().stream().collect(groupingBy(verdict -> verdict, counting())),
                judgement.verdicts().entrySet().stream()
                        .filter(entry -> entry.getValue().isDead())
                        .map(Map.Entry::getKey)
                        .collect(toSet()),
                judgement.manyDead(),
                marked);
    }

    private static Map<String, AgentLease> byNode(Collection<Lease> leases) {
        return leases.stream()
                .flatMap(lease -> AgentLease.of(lease).stream())
                .collect(toMap(AgentLease::node, lease -> lease));
    }

    private FleetSighting sighting(Map<String, AgentLease> leases, Map<String, List<StoredTunnel>> tunnels) {
        return new FleetSighting(
                steady.instant(),
                fleet.isCurrent(),
                leases.values().stream().collect(toMap(AgentLease::node, AgentLease::renewal)),
                FleetSighting.readiness(fleet.nodes()),
                tunnels.entrySet().stream().collect(toMap(Map.Entry::getKey, entry -> entry.getValue().stream()
                        .anyMatch(AgentLiveness::isServed))));
    }

    private static boolean isServed(StoredTunnel tunnel) {
        return tunnel.getStatus() != null && tunnel.getStatus().observedGeneration() != null;
    }

    /** The marks that are missing, by node; a node without any is not in it. */
    private Map<String, List<DueMark>> due(
            Judgement judgement, Map<String, AgentLease> leases, Map<String, List<StoredTunnel>> tunnels) {
        Instant now = steady.instant();
        Map<String, List<DueMark>> due = new TreeMap<>();
        Set<String> ofTheDead = new HashSet<>();
        judgement.verdicts().forEach((node, verdict) -> {
            if (verdict.isDead()) {
                LivenessMark mark = new LivenessMark(verdict, node);
                String death = Optional.ofNullable(leases.get(node))
                        .map(AgentLease::renewal)
                        .orElse("");
                List<DueMark> marks = tunnels.getOrDefault(node, List.of()).stream()
                        .map(tunnel -> new DueMark(tunnel, mark, death))
                        .toList();
                marks.forEach(each -> ofTheDead.add(each.uid()));
                List<DueMark> missing = marks.stream()
                        .filter(each -> !mark.isOn(each.tunnel()) && history.permits(each, now))
                        .toList();
                if (!missing.isEmpty()) {
                    due.put(node, missing);
                }
            }
        });
        history.retain(ofTheDead);
        return due;
    }

    private int mark(Map<String, List<DueMark>> due, boolean manyDead, Map<String, AgentLease> leases) {
        Instant end = steady.instant().plus(PERIOD);
        int marked = 0;
        try {
            Predicate<AgentLease> unchanged = due.isEmpty() || !manyDead ? this::isUnchanged : unchangedInOneList();
            for (Map.Entry<String, List<DueMark>> node : due.entrySet()) {
                boolean left = steady.instant().isBefore(end);
                if (left
                        && Optional.ofNullable(leases.get(node.getKey())).stream()
                                .allMatch(unchanged)) {
                    marked += mark(node.getValue(), manyDead ? PAUSE_OF_MANY : PAUSE, end);
                }
            }
        } catch (KubernetesClientException e) {
            if (e.getCode() != TOO_MANY_REQUESTS) {
                judge.restart();
            }
            log.atWarn().log("the API server did not do as asked, marks wait: {}", e.getMessage());
        }
        return marked;
    }

    /** Whether it was not renewed since, of which the informer may not have heard. */
    private boolean isUnchanged(AgentLease lease) {
        return api.lease(lease.name())
                .flatMap(AgentLease::of)
                .filter(now -> now.renewal().equals(lease.renewal()))
                .isPresent();
    }

    private Predicate<AgentLease> unchangedInOneList() {
        Map<String, AgentLease> now = byNode(api.allLeases());
        return lease -> Optional.ofNullable(now.get(lease.node()))
                .filter(same -> same.renewal().equals(lease.renewal()))
                .isPresent();
    }

    /** The marks of one node, which are not empty. */
    private int mark(List<DueMark> due, Duration between, Instant end) {
        int marked = 0;
        for (DueMark each : due) {
            if (!steady.instant().isBefore(end)) {
                break;
            }
            if (apply(each)) {
                marked++;
            }
            pause.accept(between);
        }
        LivenessMark mark = due.getFirst().mark();
        log.atInfo().log("{}, node {}: {} tunnels marked", mark.verdict().reason(), mark.node(), marked);
        return marked;
    }

    /** Whether the tunnel was still as it was looked at. */
    private boolean apply(DueMark due) {
        try {
            api.apply(due.mark().on(due.tunnel(), wall.instant()));
            history.remember(due, steady.instant());
            return true;
        } catch (KubernetesClientException e) {
            if (e.getCode() == HttpURLConnection.HTTP_CONFLICT || e.getCode() == HttpURLConnection.HTTP_NOT_FOUND) {
                return false;
            }
            throw e;
        }
    }

    /** The Lease of a node that is gone, once its tunnels say so; the agent creates it again if it still runs. */
    private void removeLeases(Judgement judgement, Map<String, AgentLease> leases, Set<String> unfinished) {
        leases.forEach((node, lease) -> {
            if (judgement.verdicts().get(node) == AgentVerdict.NODE_GONE && !unfinished.contains(node)) {
                try {
                    api.delete(lease.object());
                } catch (KubernetesClientException e) {
                    log.atDebug().setCause(e).log("the Lease of node {}, which is gone, is not removed", node);
                }
            }
        });
    }

    private static void sleep(Duration time) {
        try {
            Thread.sleep(time);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
