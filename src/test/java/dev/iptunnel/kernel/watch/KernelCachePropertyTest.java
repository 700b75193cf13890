package dev.iptunnel.kernel.watch;

import static dev.iptunnel.netlink.SimulatedRtnetlink.notification;
import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.kernel.KernelEvent;
import dev.iptunnel.kernel.read.Guards;
import dev.iptunnel.netlink.Rtnetlink;
import dev.iptunnel.netlink.SimulatedRtnetlink;
import dev.iptunnel.netlink.SimulatedRtnetlink.Interface;
import dev.iptunnel.netlink.link.Link;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Randomised histories: changes with whole notifications, with partial ones, without any (of tunnels that are down),
 * and foreign notifications. They come late, and the cache is read before they come. In the end the cache equals a
 * list, and every change was reported.
 */
class KernelCachePropertyTest {
    private static final int STEPS = 60;
    private static final int HISTORIES = 200;
    private static final List<String> NAMES = List.of("a", "b", "c", "d", "e", "f", "g");

    private final SimulatedRtnetlink kernel = new SimulatedRtnetlink();
    private final KernelCache cache = new KernelCache(
            new Rtnetlink(kernel), new Guards(List.of(), List.of()), new EveryRouteFollowed(), System::nanoTime);
    private final Queue<byte[]> late = new ArrayDeque<>();
    private final Set<String> reported = new HashSet<>();
    private final Set<String> changed = new HashSet<>();

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void after_any_history_the_cache_equals_the_list_and_every_change_was_reported(long seed) {
        for (int history = 0; history < HISTORIES; history++) {
            Random random = new Random(seed * HISTORIES + history);
            begin();
            for (int step = 0; step < STEPS; step++) {
                step(random);
            }
            end("seed " + seed + " history " + history);
        }
    }

    private void begin() {
        kernel.interfaces.clear();
        kernel.with(new Interface(2, "a", false), new Interface(3, "b", true));
        late.clear();
        reported.clear();
        changed.clear();
        cache.list();
    }

    private void step(Random random) {
        switch (random.nextInt(10)) {
            case 0, 1, 2, 3 -> change(random);
            case 4, 5 -> deliver();
            case 6 -> cache.link(NAMES.get(random.nextInt(NAMES.size())));
            case 7 -> cache.forget(NAMES.get(random.nextInt(NAMES.size())));
            case 8 -> foreign(random);
            default -> report(cache.compare());
        }
    }

    private void change(Random random) {
        int index = 2 + random.nextInt(4);
        Interface before = kernel.interfaces.get(index);
        if (before == null) {
            free(random).ifPresent(name -> put(new Interface(index, name, random.nextBoolean()), false, random));
            return;
        }
        switch (random.nextInt(6)) {
            case 0 -> put(before.withMtu(1280 + random.nextInt(3)), random.nextBoolean(), random);
            case 1 -> put(before.withFlags(before.flags() ^ SimulatedRtnetlink.UP), false, random);
            case 2 -> free(random).ifPresent(name -> put(before.withName(name), false, random));
            case 3 -> free(random).ifPresent(name -> put(before.withAlternativeNames(name), false, random));
            case 4 -> put(before.withAlternativeNames(), false, random);
            default -> {
                kernel.interfaces.remove(index);
                late.add(before.deletion());
                changed.add(before.name());
            }
        }
    }

    private Optional<String> free(Random random) {
        String name = NAMES.get(random.nextInt(NAMES.size()));
        boolean taken = kernel.interfaces.values().stream()
                .anyMatch(
                        one -> one.name().equals(name) || one.alternativeNames().contains(name));
        return taken ? Optional.empty() : Optional.of(name);
    }

    /** @param silently without a notification, as the kernel changes the parameters of a tunnel that is down */
    private void put(Interface now, boolean silently, Random random) {
        Interface before = kernel.interfaces.put(now.index(), now);
        if (now.equals(before)) {
            return;
        }
        boolean silent = silently && now.tunnel() && (now.flags() & SimulatedRtnetlink.UP) == 0;
        if (!silent) {
            late.add(now.message());
            changed.add(now.name());
            if (random.nextInt(3) == 0) {
                late.add(now.wirelessEvent());
            }
        }
    }

    private void foreign(Random random) {
        int index = 2 + random.nextInt(4);
        late.add(SimulatedRtnetlink.mctpAddress(index));
        late.add(SimulatedRtnetlink.brokenAddress(index));
        Interface there = kernel.interfaces.get(index);
        if (there != null) {
            late.add(there.wirelessEvent());
            late.add(there.bridgePort());
        }
    }

    private void deliver() {
        byte[] message = late.poll();
        if (message != null) {
            report(cache.apply(notification(message)));
        }
    }

    private void report(List<KernelEvent> events) {
        events.forEach(event -> {
            if (event instanceof KernelEvent.LinkChanged(String name, boolean _)) {
                reported.add(name);
            }
        });
    }

    private void end(String history) {
        while (!late.isEmpty()) {
            deliver();
        }
        assertEqual(history);
        report(cache.compare());
        assertEqual(history);
        assertThat(reported).as(history).containsAll(changed);
        assertThat(cache.compare()).as(history).isEmpty();
    }

    private void assertEqual(String history) {
        List<Link> held = kernel.links();
        assertThat(kernel.interfaces.keySet().stream()
                        .flatMap(index -> cache.link(index).stream())
                        .toList())
                .as(history)
                .isEqualTo(held);
        for (Link link : held) {
            link.names()
                    .forEach(name -> assertThat(cache.link(name)).as(history).contains(link));
        }
    }
}
