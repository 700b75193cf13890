package dev.iptunnel.controller.pairing;

import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.toSet;

import dev.iptunnel.api.v1alpha1.ConditionType;
import dev.iptunnel.api.v1alpha1.IpTunnel;
import dev.iptunnel.api.v1alpha1.IpTunnelStatus;
import dev.iptunnel.api.v1alpha1.StatusMessage;
import dev.iptunnel.controller.cluster.StoredTunnel;
import dev.iptunnel.pairing.ClusterNode;
import dev.iptunnel.pairing.PairReason;
import dev.iptunnel.pairing.Pairing;
import dev.iptunnel.pairing.Pairs;
import dev.iptunnel.pairing.TunnelEnd;
import dev.iptunnel.set.FleetNode;
import dev.iptunnel.set.OuterAddresses;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Writes the condition Paired of every IpTunnel, on transitions only. What is not well has to last for half a minute before
 * it is written, so that a new pair is written once, and an update of one end not at all.
 *
 * <p>Not thread-safe: one thread calls {@link #look}.
 */
public final class PairConditions {
    private static final Logger log = LoggerFactory.getLogger(PairConditions.class);
    private static final String FIELD_MANAGER = "iptunnel-pairs";
    private static final PatchContext APPLY = new PatchContext.Builder()
            .withPatchType(PatchType.SERVER_SIDE_APPLY)
            .withFieldManager(FIELD_MANAGER)
            .withForce(true)
            .build();
    /** RFC 9110: the object breaks a rule of its CRD. */
    private static final int UNPROCESSABLE = 422;

    private static final Duration LASTING = Duration.ofSeconds(30);
    private static final Duration LONGEST_LOOK = Duration.ofSeconds(5);
    private static final Duration PAUSE = Duration.ofSeconds(1).dividedBy(50);

    /** An object's end as it was read from this version of it. */
    private record Read(String version, Optional<TunnelEnd> end) {}

    /** What an object does not say yet. */
    private record Waiting(PairReason reason, Instant since) {}

    private final PairWrites api;
    private final Clock wall;
    private final InstantSource steady;
    private final Consumer<Duration> pause;
    /** By UID, as the other maps. */
    private Map<String, Read> reads = new HashMap<>();

    private final Map<String, Waiting> waiting = new HashMap<>();
    private final Map<String, Instant> written = new HashMap<>();
    private boolean refused;

    /** @param steady a clock that cannot be set */
    public PairConditions(KubernetesClient client, Clock wall, InstantSource steady) {
        this(patch -> client.resource(patch).subresource("status").patch(APPLY), wall, steady, PairConditions::sleep);
    }

    PairConditions(PairWrites api, Clock wall, InstantSource steady, Consumer<Duration> pause) {
        this.api = api;
        this.wall = wall;
        this.steady = steady;
        this.pause = pause;
    }

    /**
     * Looks at all tunnels, and writes for at most five seconds; what is left is written in the next looks.
     *
     * @return how many tunnels have each reason
     */
    public Map<PairReason, Long> look(Collection<StoredTunnel> tunnels, Collection<FleetNode> nodes) {
        reads = readAgain(tunnels);
        Pairs pairs = new Pairs(
                reads.values().stream().flatMap(read -> read.end().stream()).toList(),
                nodes.stream().map(PairConditions::clusterNode).toList());
        Map<String, Pairing> found = new HashMap<>();
        tunnels.forEach(tunnel -> pairing(tunnel, pairs).ifPresent(pairing -> found.put(uid(tunnel), pairing)));
        waiting.keySet().retainAll(found.keySet());
        written.keySet().retainAll(found.keySet());
        write(tunnels.stream().filter(tunnel -> isDue(tunnel, found)).toList(), found);
        return found.values().stream().collect(groupingBy(Pairing::reason, counting()));
    }

    private Map<String, Read> readAgain(Collection<StoredTunnel> tunnels) {
        Map<String, Read> now = new HashMap<>();
        tunnels.forEach(tunnel -> {
            String version = tunnel.getMetadata().getResourceVersion();
            Read before = reads.get(uid(tunnel));
            now.put(
                    uid(tunnel),
                    before != null && before.version().equals(version)
                            ? before
                            : new Read(version, TunnelEndReader.read(tunnel)));
        });
        return now;
    }

    private static ClusterNode clusterNode(FleetNode node) {
        return new ClusterNode(
                node.name(),
                addresses(node, OuterAddresses.Type.INTERNAL_IP),
                addresses(node, OuterAddresses.Type.EXTERNAL_IP));
    }

    private static Set<InetAddress> addresses(FleetNode node, OuterAddresses.Type type) {
        return node.addresses().stream()
                .filter(address -> address.type() == type)
                .map(FleetNode.NodeAddress::address)
                .collect(toSet());
    }

    /** Empty for a tunnel that was never programmed, and for one that is going. */
    private Optional<Pairing> pairing(StoredTunnel tunnel, Pairs pairs) {
        if (tunnel.getMetadata().getDeletionTimestamp() != null) {
            return Optional.empty();
        }
        Read read = reads.get(uid(tunnel));
        return read == null || read.end().isEmpty()
                ? tunnel.condition(ConditionType.PAIRED)
                        .map(_ ->
                                new Pairing(PairReason.NOT_PROGRAMMED, "the outer addresses of this end are not known"))
                : read.end()
                        .map(pairs::of)
                        .map(found -> new Pairing(found.reason(), StatusMessage.bounded(found.message())));
    }

    /** Whether the object does not say what was found, and that is not about to pass. */
    private boolean isDue(StoredTunnel tunnel, Map<String, Pairing> found) {
        Pairing pairing = found.get(uid(tunnel));
        if (pairing == null) {
            return false;
        }
        if (tunnel.condition(ConditionType.PAIRED)
                .filter(shown -> says(shown, pairing))
                .isPresent()) {
            waiting.remove(uid(tunnel));
            return false;
        }
        Instant now = steady.instant();
        Waiting since = waiting.compute(
                uid(tunnel),
                (_, before) -> before != null && before.reason() == pairing.reason()
                        ? before
                        : new Waiting(pairing.reason(), now));
        boolean lasts = pairing.reason() == PairReason.PEER_READY
                || !now.isBefore(since.since().plus(LASTING));
        Instant last = written.get(uid(tunnel));
        return lasts && (last == null || !now.isBefore(last.plus(LASTING)));
    }

    private static boolean says(Condition condition, Pairing pairing) {
        return pairing.reason().status().equals(condition.getStatus())
                && pairing.reason().toString().equals(condition.getReason())
                && pairing.message().equals(condition.getMessage());
    }

    private void write(List<StoredTunnel> due, Map<String, Pairing> found) {
        Instant end = steady.instant().plus(LONGEST_LOOK);
        try {
            for (StoredTunnel tunnel : due) {
                if (!steady.instant().isBefore(end)) {
                    return;
                }
                Optional.ofNullable(found.get(uid(tunnel))).ifPresent(pairing -> apply(tunnel, pairing));
                pause.accept(PAUSE);
            }
            refused = false;
        } catch (KubernetesClientException e) {
            log.atLevel(refused ? Level.DEBUG : Level.WARN)
                    .log("the API server did not do as asked, conditions Paired wait: {}", e.getMessage());
            refused = true;
        }
    }

    private void apply(StoredTunnel tunnel, Pairing pairing) {
        try {
            api.apply(patch(tunnel, pairing));
            written.put(uid(tunnel), steady.instant());
        } catch (KubernetesClientException e) {
            switch (e.getCode()) {
                case HttpURLConnection.HTTP_CONFLICT, HttpURLConnection.HTTP_NOT_FOUND -> {}
                case HttpURLConnection.HTTP_BAD_REQUEST, UNPROCESSABLE -> {
                    log.atWarn()
                            .addKeyValue("tunnel", tunnel.getMetadata().getName())
                            .log("the condition Paired is refused: {}", e.getMessage());
                    written.put(uid(tunnel), steady.instant());
                }
                default -> throw e;
            }
        }
    }

    private IpTunnel patch(StoredTunnel tunnel, Pairing pairing) {
        String since = tunnel.condition(ConditionType.PAIRED)
                .filter(shown -> pairing.reason().status().equals(shown.getStatus()))
                .map(Condition::getLastTransitionTime)
                .orElseGet(() -> wall.instant().truncatedTo(ChronoUnit.SECONDS).toString());
        IpTunnel patch = new IpTunnel();
        patch.setMetadata(new ObjectMetaBuilder()
                .withName(tunnel.getMetadata().getName())
                .withUid(uid(tunnel))
                .build());
        patch.setStatus(IpTunnelStatus.ofConditions(List.of(new ConditionBuilder()
                .withType(ConditionType.PAIRED)
                .withStatus(pairing.reason().status())
                .withReason(pairing.reason().toString())
                .withMessage(pairing.message())
                .withLastTransitionTime(since)
                .build())));
        return patch;
    }

    private static String uid(StoredTunnel tunnel) {
        return tunnel.getMetadata().getUid();
    }

    private static void sleep(Duration time) {
        try {
            Thread.sleep(time);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
