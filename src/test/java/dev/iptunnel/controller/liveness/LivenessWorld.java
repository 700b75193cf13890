package dev.iptunnel.controller.liveness;

import dev.iptunnel.api.IpTunnels;
import dev.iptunnel.api.v1alpha1.IpTunnel;
import dev.iptunnel.api.v1alpha1.IpTunnelStatus;
import dev.iptunnel.controller.cluster.StoredTunnel;
import dev.iptunnel.set.FleetNode;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/** An API server, and informers that show what it had when they were last {@link #show shown}. Time passes only by pauses. */
final class LivenessWorld implements LivenessApi, FleetView {
    private final Map<String, StoredTunnel> tunnels = new TreeMap<>();
    private final Map<String, Lease> leases = new TreeMap<>();
    private Map<String, Lease> leasesShown = Map.of();
    final Map<String, Boolean> nodes = new HashMap<>();
    /** The names of the tunnels that were marked. */
    final List<String> marked = new ArrayList<>();

    final List<String> leaseReads = new ArrayList<>();
    /** HTTP codes of the next answers to reads. */
    final List<Integer> failures = new ArrayList<>();

    private final List<Integer> writeFailures = new ArrayList<>();

    Instant steady = Instant.EPOCH;
    boolean current = true;
    private int version;

    AgentLiveness liveness() {
        return new AgentLiveness(
                this,
                this,
                Clock.fixed(Instant.parse("2026-01-02T03:04:05Z"), ZoneOffset.UTC),
                () -> steady,
                this::pass);
    }

    void pass(Duration time) {
        steady = steady.plus(time);
    }

    private String nextVersion() {
        version++;
        return Integer.toString(version);
    }

    void node(String name, int count) {
        nodes.put(name, true);
        for (int i = 0; i < count; i++) {
            report(name + "-" + i, name);
        }
        renew(name);
        show();
    }

    /** The agent writes its status. */
    void report(String name, String node) {
        StoredTunnel tunnel = stored(IpTunnels.ipip(name, node));
        tunnel.getMetadata().setUid("uid-of-" + name);
        tunnel.getMetadata().setResourceVersion(nextVersion());
        tunnel.setStatus(new IpTunnelStatus(
                1L, name, 7, 1480, null, null, null, null, List.of(condition("Ready"), condition("Programmed"))));
        tunnels.put(name, tunnel);
    }

    private static Condition condition(String type) {
        return new ConditionBuilder()
                .withType(type)
                .withStatus("True")
                .withReason("Fine")
                .withMessage("")
                .withLastTransitionTime("2026-01-01T00:00:00Z")
                .build();
    }

    void renew(String node) {
        leases.put(
                "agent." + node,
                new LeaseBuilder()
                        .withNewMetadata()
                        .withName("agent." + node)
                        .withUid("uid-of-" + node)
                        .withResourceVersion(nextVersion())
                        .endMetadata()
                        .withNewSpec()
                        .withHolderIdentity(node)
                        .withRenewTime(Instant.EPOCH.plusSeconds(version).atZone(ZoneOffset.UTC))
                        .endSpec()
                        .build());
    }

    /** The informers catch up with the Leases. */
    void show() {
        leasesShown = Map.copyOf(leases);
    }

    private static StoredTunnel stored(IpTunnel tunnel) {
        return Serialization.unmarshal(Serialization.asJson(tunnel), StoredTunnel.class);
    }

    StoredTunnel tunnel(String name) {
        return Optional.ofNullable(tunnels.get(name)).orElseThrow();
    }

    List<String> reasons(String name) {
        return tunnel(name).getStatus().conditions().stream()
                .map(condition -> condition.getType() + " " + condition.getStatus() + " " + condition.getReason())
                .toList();
    }

    List<String> leaseNames() {
        return List.copyOf(leases.keySet());
    }

    /** As many writes are answered with this code. */
    void failWrites(int code, int writes) {
        for (int i = 0; i < writes; i++) {
            writeFailures.add(code);
        }
    }

    private static void answer(List<Integer> failures) {
        if (!failures.isEmpty()) {
            throw new KubernetesClientException("told to fail", failures.removeFirst(), null);
        }
    }

    @Override
    public Optional<Lease> lease(String name) {
        leaseReads.add(name);
        answer(failures);
        return Optional.ofNullable(leases.get(name));
    }

    @Override
    public List<Lease> allLeases() {
        leaseReads.add("all");
        answer(failures);
        return List.copyOf(leases.values());
    }

    @Override
    public void apply(IpTunnel patch) {
        answer(writeFailures);
        StoredTunnel tunnel = tunnel(patch.getMetadata().getName());
        if (!tunnel.getMetadata()
                .getResourceVersion()
                .equals(patch.getMetadata().getResourceVersion())) {
            throw new KubernetesClientException("conflict", 409, null);
        }
        List<Condition> marks = patch.getStatus().conditions();
        List<Condition> kept = tunnel.getStatus().conditions().stream()
                .filter(old -> marks.stream().noneMatch(mark -> mark.getType().equals(old.getType())))
                .toList();
        IpTunnelStatus old = tunnel.getStatus();
        tunnel.setStatus(new IpTunnelStatus(
                old.observedGeneration(),
                old.interfaceName(),
                old.ifindex(),
                old.mtu(),
                old.parent(),
                old.local(),
                old.remote(),
                old.operState(),
                Stream.concat(marks.stream(), kept.stream()).toList()));
        tunnel.getMetadata().setResourceVersion(nextVersion());
        marked.add(patch.getMetadata().getName());
    }

    @Override
    public void delete(Lease lease) {
        leases.remove(lease.getMetadata().getName());
    }

    @Override
    public Collection<StoredTunnel> tunnels() {
        return tunnels.values();
    }

    @Override
    public Collection<FleetNode> nodes() {
        return nodes.entrySet().stream()
                .map(node -> new FleetNode(node.getKey(), "uid", Map.of(), List.of(), List.of(), node.getValue()))
                .toList();
    }

    @Override
    public Collection<Lease> leases() {
        return leasesShown.values();
    }

    @Override
    public boolean isCurrent() {
        return current;
    }
}
