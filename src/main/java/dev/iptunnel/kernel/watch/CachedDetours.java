package dev.iptunnel.kernel.watch;

import dev.iptunnel.kernel.read.DetourSearch;
import dev.iptunnel.kernel.read.ForeignRoutes;
import dev.iptunnel.kernel.read.KernelReads;
import dev.iptunnel.kernel.read.ObservedRoutes;
import dev.iptunnel.netlink.Rtnetlink;
import dev.iptunnel.netlink.route.Route;
import dev.iptunnel.observation.Detour;
import dev.iptunnel.observation.NodeLookup.DetourQuery;
import dev.iptunnel.tunnel.IpPrefix;
import dev.iptunnel.tunnel.PrefixIndex;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * The detours of each tunnel, until something changes that they depend on. The foreign routes within a new destination
 * are found by a list of all routes. Where such a list took long, the next one waits, at the latest until the next
 * comparison. Not thread-safe.
 */
final class CachedDetours {
    /** A list of all routes may take one part in so many of the time. */
    private static final int SHARE = 20;

    private final Rtnetlink rtnetlink;
    private final DetourSearch search;
    private final Consumer<Set<IpPrefix>> follower;
    private final LongSupplier nanoTime;
    private final ForeignRoutes foreign = new ForeignRoutes();
    private final Map<Integer, Answer> answers = new HashMap<>();
    /** The tunnels by their destinations. */
    private final PrefixIndex<Integer> byDestination = new PrefixIndex<>();

    private Duration pause = Duration.ZERO;
    private long lastReadAt;

    /**
     * @param follower takes networks within which routes matter from now on, before the kernel is asked; where it fails, it
     *     is called again with the next look-up, maybe without networks
     */
    CachedDetours(Rtnetlink rtnetlink, KernelReads reads, Consumer<Set<IpPrefix>> follower, LongSupplier nanoTime) {
        this.rtnetlink = rtnetlink;
        this.search = new DetourSearch(rtnetlink, reads);
        this.follower = follower;
        this.nanoTime = nanoTime;
    }

    private record Answer(DetourQuery query, Optional<List<Detour>> detours) {
        Answer forgotten() {
            return new Answer(query, Optional.empty());
        }
    }

    /** The destinations within which routes matter. */
    Set<IpPrefix> destinations() {
        return answers.values().stream()
                .flatMap(answer -> ForeignRoutes.destinations(answer.query()).stream())
                .collect(Collectors.toSet());
    }

    List<Detour> of(DetourQuery query) {
        Answer known = answers.get(query.tunnel());
        if (known == null || !known.query().equals(query)) {
            drop(query.tunnel());
            follow(query);
        } else if (known.detours().isPresent()) {
            return known.detours().get();
        } else {
            follower.accept(Set.of());
        }
        if (foreign.isUnread() && nanoTime.getAsLong() - lastReadAt >= pause.toNanos()) {
            read();
        }
        List<Detour> found = search.detours(query, foreign.routes());
        answers.put(query.tunnel(), new Answer(query, Optional.of(found)));
        return found;
    }

    private void follow(DetourQuery query) {
        Set<IpPrefix> destinations = ForeignRoutes.destinations(query);
        answers.put(query.tunnel(), new Answer(query, Optional.empty()));
        destinations.forEach(destination -> byDestination.add(destination, query.tunnel()));
        foreign.follow(destinations);
        follower.accept(destinations);
    }

    private void drop(int tunnel) {
        Optional.ofNullable(answers.remove(tunnel)).ifPresent(answer -> {
            Set<IpPrefix> destinations = ForeignRoutes.destinations(answer.query());
            destinations.forEach(destination -> byDestination.remove(destination, tunnel));
            destinations.stream()
                    .filter(destination -> !byDestination.has(destination))
                    .forEach(foreign::unfollow);
        });
    }

    private void read() {
        long start = nanoTime.getAsLong();
        foreign.read(rtnetlink);
        lastReadAt = nanoTime.getAsLong();
        pause = Duration.ofNanos(lastReadAt - start).multipliedBy(SHARE);
    }

    /**
     * A route was added, by whatever program.
     *
     * @return whether it may concern a tunnel other than the one that it leads into
     */
    boolean added(Route route) {
        foreign.added(route);
        return changed(route);
    }

    /** The same for a route that was removed. */
    boolean removed(Route route) {
        foreign.removed(route);
        return changed(route);
    }

    private boolean changed(Route route) {
        Set<Integer> concerned = byDestination.overlapping(ObservedRoutes.destination(route));
        concerned.forEach(this::forget);
        return concerned.stream().anyMatch(tunnel -> !route.leadsOutOf(tunnel));
    }

    /**
     * Routes out of the interface may have gone without a notification.
     *
     * @return the tunnels that this may concern, by ifindex
     */
    Set<Integer> suspect(int ifindex) {
        return foreign.suspect(ifindex) ? forgetAll() : Set.of();
    }

    /** The interface is gone, and with it the answer of the tunnel that it was. */
    void gone(int ifindex) {
        drop(ifindex);
    }

    /** Forgets the answer of one tunnel. */
    void forget(int tunnel) {
        answers.computeIfPresent(tunnel, (_, answer) -> answer.forgotten());
    }

    /**
     * Forgets every answer.
     *
     * @return the tunnels that this may concern, by ifindex
     */
    Set<Integer> forgetAll() {
        answers.replaceAll((_, answer) -> answer.forgotten());
        return Set.copyOf(answers.keySet());
    }

    /** Notifications were lost: forgets answers and foreign routes. */
    void forgetRoutes() {
        forgetAll();
        foreign.forgetAll();
    }

    /**
     * Asks the kernel again for all tunnels. Where that fails, the answers stay as they are.
     *
     * @param exists whether there still is an interface of that index
     * @return the tunnels whose answer changed
     */
    Set<Integer> changed(Predicate<Integer> exists) {
        List.copyOf(answers.keySet()).stream().filter(exists.negate()).forEach(this::drop);
        if (foreign.isUnread()) {
            read();
        }
        Map<Integer, Answer> now = new HashMap<>();
        Set<Integer> changed = new HashSet<>();
        answers.forEach((tunnel, answer) -> answer.detours().ifPresent(before -> {
            List<Detour> found = search.detours(answer.query(), foreign.routes());
            if (!found.equals(before)) {
                now.put(tunnel, answer.forgotten());
                changed.add(tunnel);
            }
        }));
        answers.putAll(now);
        return changed;
    }
}
