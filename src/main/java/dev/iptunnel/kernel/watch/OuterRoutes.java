package dev.iptunnel.kernel.watch;

import dev.iptunnel.observation.NodeLookup.OuterQuery;
import dev.iptunnel.observation.NodeLookup.OuterRoute;
import dev.iptunnel.tunnel.IpPrefix;
import java.net.InetAddress;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** The answers to route look-ups, each until something changes that it depends on. Not thread-safe. */
final class OuterRoutes {
    private final Function<OuterQuery, OuterRoute> kernel;
    private final Consumer<Set<InetAddress>> follower;
    private final Map<OuterQuery, Optional<OuterRoute>> answers = new HashMap<>();
    private final Set<OuterQuery> recent = new HashSet<>();
    private Set<InetAddress> followed = Set.of();
    /** False where the follower failed, so that it is called again. */
    private boolean complete = true;

    /**
     * @param kernel looks up
     * @param follower takes the addresses whose routes matter from now on, before one is looked up
     */
    OuterRoutes(Function<OuterQuery, OuterRoute> kernel, Consumer<Set<InetAddress>> follower) {
        this.kernel = kernel;
        this.follower = follower;
    }

    OuterRoute of(OuterQuery query) {
        recent.add(query);
        if (!complete || !answers.containsKey(query)) {
            follow(Stream.of(query));
        }
        OuterRoute answer = answers.getOrDefault(query, Optional.empty()).orElseGet(() -> kernel.apply(query));
        answers.put(query, Optional.of(answer));
        return answer;
    }

    /** Follows the addresses of these queries, too. */
    void follow(Stream<OuterQuery> queries) {
        complete = false;
        queries.forEach(query -> answers.putIfAbsent(query, Optional.empty()));
        Set<InetAddress> addresses = new HashSet<>();
        answers.keySet().forEach(query -> {
            addresses.add(query.local());
            addresses.add(query.remote());
        });
        addresses.removeIf(InetAddress::isAnyLocalAddress);
        if (!addresses.equals(followed)) {
            follower.accept(Set.copyOf(addresses));
            followed = addresses;
        }
        complete = true;
    }

    /** A route to the destination changed; true where that concerns an answer. */
    boolean forget(IpPrefix destination) {
        return forget(query -> destination.contains(query.local()) || destination.contains(query.remote()));
    }

    /** The interface changed. */
    void forget(int ifindex) {
        OptionalInt index = OptionalInt.of(ifindex);
        answers.replaceAll((query, answer) -> query.oif().equals(index)
                ? Optional.empty()
                : answer.filter(route -> !route.device().equals(index)));
    }

    void forgetAll() {
        forget(_ -> true);
    }

    private boolean forget(Predicate<OuterQuery> concerned) {
        boolean any = answers.keySet().stream().anyMatch(concerned);
        answers.replaceAll((query, answer) -> concerned.test(query) ? Optional.empty() : answer);
        return any;
    }

    /**
     * Looks up all again. Where that fails, the answers stay as they are. Answers that are not to be kept, and that
     * nothing asked for since the last time, are dropped.
     *
     * @return the queries whose answers changed
     */
    Set<OuterQuery> changed(Set<OuterQuery> kept) {
        answers.keySet().removeIf(query -> !kept.contains(query) && !recent.contains(query));
        follow(kept.stream());
        Map<OuterQuery, Optional<OuterRoute>> now = new HashMap<>();
        Set<OuterQuery> changed = new HashSet<>();
        answers.forEach((query, answer) -> {
            Optional<OuterRoute> found = Optional.of(kernel.apply(query));
            now.put(query, found);
            if (!answer.equals(found)) {
                changed.add(query);
            }
        });
        answers.putAll(now);
        recent.clear();
        return changed;
    }
}
