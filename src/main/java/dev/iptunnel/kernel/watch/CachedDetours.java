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
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.function.Predicate;

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
    private final Runnable follower;
    private final LongSupplier nanoTime;
    private final ForeignRoutes foreign = new ForeignRoutes();
    private final Map<Integer, Answer> answers = new HashMap<>();
    private Set<IpPrefix> followed = Set.of();
    private Duration pause = Duration.ZERO;
    private long lastReadAt;

    /** @param follower called when {@link #followed} changed, before the kernel is asked */
    CachedDetours(Rtnetlink rtnetlink, KernelReads reads, Runnable follower, LongSupplier nanoTime) {
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

    /** The destinations within which routes are followed. */
    Set<IpPrefix> followed() {
        return followed;
    }

    List<Detour> of(DetourQuery query) {
        Answer known = answers.get(query.tunnel());
        if (known == null || !known.query().equals(query)) {
            answers.put(query.tunnel(), new Answer(query, Optional.empty()));
            follow();
        } else if (known.detours().isPresent()) {
            return known.detours().get();
        }
        if (foreign.isUnread() && nanoTime.getAsLong() - lastReadAt >= pause.toNanos()) {
            read();
        }
        List<Detour> found = search.detours(query, foreign.routes());
        answers.put(query.tunnel(), new Answer(query, Optional.of(found)));
        return found;
    }

    private void read() {
        long start = nanoTime.getAsLong();
        foreign.read(rtnetlink);
        lastReadAt = nanoTime.getAsLong();
        pause = Duration.ofNanos(lastReadAt - start).multipliedBy(SHARE);
    }

    private void follow() {
        Set<IpPrefix> destinations = new HashSet<>();
        answers.values().forEach(answer -> destinations.addAll(ForeignRoutes.destinations(answer.query())));
        if (!destinations.equals(followed)) {
            followed = destinations;
            follower.run();
            foreign.follow(destinations);
        }
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
        IpPrefix destination = ObservedRoutes.destination(route);
        List<Answer> concerned = answers.values().stream()
                .filter(answer -> answer.query().routes().stream()
                        .anyMatch(wanted -> wanted.destination().overlaps(destination)))
                .toList();
        concerned.forEach(answer -> answers.put(answer.query().tunnel(), answer.forgotten()));
        return concerned.stream()
                .anyMatch(answer -> !route.leadsOutOf(answer.query().tunnel()));
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
        if (answers.remove(ifindex) != null) {
            follow();
        }
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
        answers.keySet().removeIf(exists.negate());
        follow();
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
