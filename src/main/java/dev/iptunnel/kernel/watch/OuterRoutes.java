package dev.iptunnel.kernel.watch;

import dev.iptunnel.observation.NodeLookup.OuterQuery;
import dev.iptunnel.observation.NodeLookup.OuterRoute;
import dev.iptunnel.tunnel.IpPrefix;
import dev.iptunnel.tunnel.PrefixIndex;
import java.net.InetAddress;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The answers to route look-ups, each until something changes that it depends on. Not thread-safe. */
final class OuterRoutes {
    private final Function<OuterQuery, OuterRoute> kernel;
    private final Consumer<Set<InetAddress>> follower;
    private final Map<OuterQuery, Optional<OuterRoute>> answers = new HashMap<>();
    /** The queries by their local and remote addresses. */
    private final PrefixIndex<OuterQuery> byAddress = new PrefixIndex<>();
    /** The queries by the interfaces that they name, or that their answers lead out of. */
    private final Map<Integer, Set<OuterQuery>> byInterface = new HashMap<>();

    private final Set<OuterQuery> recent = new HashSet<>();

    /**
     * @param kernel looks up
     * @param follower takes addresses whose routes matter from now on, before they are looked up; where it fails, it is
     *     called again with the next look-up, maybe without addresses
     */
    OuterRoutes(Function<OuterQuery, OuterRoute> kernel, Consumer<Set<InetAddress>> follower) {
        this.kernel = kernel;
        this.follower = follower;
    }

    OuterRoute of(OuterQuery query) {
        recent.add(query);
        follow(Stream.of(query));
        OuterRoute answer = answers.getOrDefault(query, Optional.empty()).orElseGet(() -> kernel.apply(query));
        answered(query, answer);
        return answer;
    }

    private void answered(OuterQuery query, OuterRoute answer) {
        answers.put(query, Optional.of(answer));
        answer.device().ifPresent(device -> index(device, query));
    }

    /** Follows the addresses of these queries, too. */
    void follow(Stream<OuterQuery> queries) {
        Set<InetAddress> more = new HashSet<>();
        for (OuterQuery query :
                queries.filter(asked -> !answers.containsKey(asked)).toList()) {
            add(query);
            followedOf(query).forEach(more::add);
        }
        follower.accept(more);
    }

    /** The addresses whose routes matter. */
    Set<InetAddress> addresses() {
        return answers.keySet().stream().flatMap(OuterRoutes::followedOf).collect(Collectors.toSet());
    }

    private void add(OuterQuery query) {
        answers.put(query, Optional.empty());
        hosts(query).forEach(host -> byAddress.add(host, query));
        query.oif().ifPresent(oif -> index(oif, query));
    }

    private void drop(OuterQuery query) {
        answers.remove(query);
        hosts(query).forEach(host -> byAddress.remove(host, query));
    }

    private void index(int ifindex, OuterQuery query) {
        byInterface.computeIfAbsent(ifindex, _ -> new HashSet<>()).add(query);
    }

    private static Stream<InetAddress> followedOf(OuterQuery query) {
        return Stream.of(query.local(), query.remote()).filter(address -> !address.isAnyLocalAddress());
    }

    private static Stream<IpPrefix> hosts(OuterQuery query) {
        return Stream.of(query.local(), query.remote()).map(IpPrefix::host).distinct();
    }

    /** A route to the destination changed; true where that concerns an answer. */
    boolean forget(IpPrefix destination) {
        Set<OuterQuery> concerned = byAddress.overlapping(destination);
        concerned.forEach(this::forget);
        return !concerned.isEmpty();
    }

    /** The interface changed. */
    void forget(int ifindex) {
        byInterface.computeIfPresent(ifindex, (_, queries) -> {
            queries.forEach(this::forget);
            // Those that do not name the interface come back with their next answers.
            queries.removeIf(query -> !query.oif().equals(OptionalInt.of(ifindex)) || !answers.containsKey(query));
            return queries.isEmpty() ? null : queries;
        });
    }

    private void forget(OuterQuery query) {
        answers.replace(query, Optional.empty());
    }

    void forgetAll() {
        answers.replaceAll((_, _) -> Optional.empty());
    }

    /**
     * Looks up all again. Where that fails, the answers stay as they are. Answers that are not to be kept, and that
     * nothing asked for since the last time, are dropped.
     *
     * @return the queries whose answers changed
     */
    Set<OuterQuery> changed(Set<OuterQuery> kept) {
        List<OuterQuery> unused = answers.keySet().stream()
                .filter(query -> !kept.contains(query) && !recent.contains(query))
                .toList();
        unused.forEach(this::drop);
        follow(kept.stream());
        Map<OuterQuery, OuterRoute> now = new HashMap<>();
        answers.keySet().forEach(query -> now.put(query, kernel.apply(query)));
        Set<OuterQuery> changed = now.entrySet().stream()
                .filter(entry -> !Optional.of(entry.getValue()).equals(answers.get(entry.getKey())))
                .map(Map.Entry::getKey)
                .collect(Collectors.toSet());
        byInterface.values().forEach(queries -> queries.retainAll(now.keySet()));
        now.forEach(this::answered);
        recent.clear();
        return changed;
    }
}
