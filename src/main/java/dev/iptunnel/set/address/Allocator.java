package dev.iptunnel.set.address;

import dev.iptunnel.set.SetProblem;
import dev.iptunnel.set.TunnelSet;
import dev.iptunnel.tunnel.IpFamily;
import java.math.BigInteger;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Gives each member an inner address. A member's address never moves, unless an override says so. */
public final class Allocator {
    /** How long an address that was freed goes to no other node: tunnels to its last owner may still be in use. */
    static final Duration QUARANTINE = Duration.ofMinutes(10);

    /** Entries after their quarantine are only remembered so far, which bounds what is stored. */
    private static final int MOST_FREED = 1000;

    private final Optional<AddressPool> pool;
    private final SortedMap<String, InetAddress> written = new TreeMap<>();
    private final Set<InetAddress> reserved = new HashSet<>();
    private final SortedMap<String, InetAddress> addresses;
    private final Map<InetAddress, String> holders = new HashMap<>();
    private final List<Allocations.Freed> freed;
    private final Map<InetAddress, Instant> quarantine = new HashMap<>();
    private final List<SetProblem> problems = new ArrayList<>();
    private boolean allUsed;

    /**
     * What {@link #ensure} decided.
     *
     * @param allocations to be stored before any tunnel uses them; equal to the former ones if nothing changed
     * @param unserved members for which the pool has no address: they get no tunnels, and every freed address and change of
     *     the pool is a reason to try again
     * @param exhausted the problem of the whole set, if there are unserved ones
     * @param problems of single nodes
     * @param lookAgain when an address leaves quarantine that an unserved node can get
     */
    public record Outcome(
            Allocations allocations,
            List<String> unserved,
            Optional<SetProblem> exhausted,
            List<SetProblem> problems,
            Optional<Instant> lookAgain) {}

    private Allocator(TunnelSet set, Allocations former, Collection<InetAddress> templateAddresses) {
        IpFamily family = set.template().mode().inner();
        pool = set.pool().map(ranges -> new AddressPool(family, ranges));
        addresses = new TreeMap<>(former.addresses());
        addresses.forEach((node, address) -> holders.put(address, node));
        freed = new ArrayList<>(former.freed());
        freed.forEach(entry -> quarantine.put(entry.address(), entry.until()));
        new TreeMap<>(set.overrides())
                .forEach((node, override) -> override.inner().ifPresent(address -> written.put(node, address)));
        reserved.addAll(written.values());
        reserved.addAll(templateAddresses);
    }

    /**
     * Decides who has which address.
     *
     * @param members who gets one
     * @param holding nodes at one of the ends of a tunnel that exists: they keep theirs
     * @param former as it was stored
     * @param now by the wall clock
     */
    public static Outcome ensure(
            TunnelSet set, Collection<String> members, Set<String> holding, Allocations former, Instant now) {
        Allocator allocator = new Allocator(set, former, templateAddresses(set));
        SortedSet<String> names = new TreeSet<>(members);
        allocator.free(names, holding, now);
        names.forEach(name -> allocator.followOverride(name, now));
        List<String> unserved = allocator.pool.isEmpty()
                ? List.of()
                : names.stream().filter(name -> !allocator.serve(name, now)).toList();
        return allocator.outcome(unserved, now);
    }

    private void free(Set<String> members, Set<String> holding, Instant now) {
        for (String node : List.copyOf(addresses.keySet())) {
            if (!members.contains(node) && !holding.contains(node)) {
                release(node, now);
            }
        }
    }

    private void release(String node, Instant now) {
        InetAddress address = addresses.remove(node);
        if (address != null) {
            holders.remove(address);
            Allocations.Freed entry = new Allocations.Freed(node, address, now.plus(QUARANTINE));
            freed.add(entry);
            quarantine.put(address, entry.until());
        }
    }

    private void followOverride(String node, Instant now) {
        InetAddress wanted = written.get(node);
        if (wanted == null || wanted.equals(addresses.get(node))) {
            return;
        }
        String holder = holders.get(wanted);
        String firstToWrite = written.entrySet().stream()
                .filter(entry -> entry.getValue().equals(wanted))
                .map(Map.Entry::getKey)
                .findFirst()
                .orElse(node);
        if (holder != null) {
            problems.add(taken(node, wanted, holder));
        } else if (!firstToWrite.equals(node)) {
            problems.add(taken(node, wanted, firstToWrite));
        } else {
            release(node, now);
            take(node, wanted);
        }
    }

    private boolean serve(String node, Instant now) {
        if (addresses.containsKey(node)) {
            return true;
        }
        Optional<InetAddress> address =
                formerAddress(node).or(() -> unused(node)).or(() -> longestFree(now));
        address.ifPresent(found -> take(node, found));
        return address.isPresent();
    }

    private void take(String node, InetAddress address) {
        addresses.put(node, address);
        holders.put(address, node);
        freed.removeIf(entry -> entry.address().equals(address));
        quarantine.remove(address);
    }

    /** An owner gets its address back, also from quarantine. */
    private Optional<InetAddress> formerAddress(String node) {
        return freed.reversed().stream()
                .filter(entry -> entry.node().equals(node) && isFree(entry.address()) && isInPool(entry.address()))
                .map(Allocations.Freed::address)
                .findFirst();
    }

    /** The preferred place or the next one, of the addresses that no node had before. */
    private Optional<InetAddress> unused(String node) {
        AddressPool all = pool.orElseThrow();
        if (allUsed || all.capacity().signum() == 0) {
            return Optional.empty();
        }
        // Among one place more than there are occupied ones, one is free.
        BigInteger most = BigInteger.valueOf((long) holders.size() + reserved.size() + quarantine.size() + 1)
                .min(all.capacity());
        BigInteger place = all.preferred(node);
        for (BigInteger tried = BigInteger.ZERO; tried.compareTo(most) < 0; tried = tried.add(BigInteger.ONE)) {
            InetAddress address = all.at(place);
            if (isFree(address) && !quarantine.containsKey(address)) {
                return Optional.of(address);
            }
            place = place.add(BigInteger.ONE).mod(all.capacity());
        }
        allUsed = true;
        return Optional.empty();
    }

    private Optional<InetAddress> longestFree(Instant now) {
        return freed.stream()
                .filter(entry -> !now.isBefore(entry.until()) && isFree(entry.address()) && isInPool(entry.address()))
                .min(Comparator.comparing(Allocations.Freed::until))
                .map(Allocations.Freed::address);
    }

    private boolean isFree(InetAddress address) {
        return !holders.containsKey(address) && !reserved.contains(address);
    }

    private boolean isInPool(InetAddress address) {
        return pool.orElseThrow().contains(address);
    }

    private Outcome outcome(List<String> unserved, Instant now) {
        List<Allocations.Freed> kept = freed.size() <= MOST_FREED
                ? freed
                : Stream.concat(
                                freed.subList(0, freed.size() - MOST_FREED).stream()
                                        .filter(entry -> now.isBefore(entry.until())),
                                freed.subList(freed.size() - MOST_FREED, freed.size()).stream())
                        .toList();
        Optional<Instant> lookAgain = unserved.isEmpty()
                ? Optional.empty()
                : kept.stream()
                        .map(Allocations.Freed::until)
                        .filter(now::isBefore)
                        .min(Comparator.naturalOrder());
        return new Outcome(
                new Allocations(addresses, kept),
                unserved,
                unserved.isEmpty() ? Optional.empty() : Optional.of(exhausted(unserved)),
                List.copyOf(problems),
                lookAgain);
    }

    private SetProblem taken(String node, InetAddress address, String holder) {
        return new SetProblem(
                node,
                "",
                "InnerAddressConflict",
                "its innerAddress " + IpFamily.format(address) + " is that of node " + holder
                        + ": write another innerAddress for one of the two in nodeOverrides");
    }

    private static SetProblem exhausted(List<String> unserved) {
        String named = unserved.stream().limit(5).collect(Collectors.joining(", "));
        return new SetProblem(
                "",
                "",
                "PoolExhausted",
                "addressPool has no free address for " + named + (unserved.size() > 5 ? " and others" : "")
                        + ": add a network to addressPool.cidrs; until then they have no tunnels, and the others keep theirs");
    }

    /** Addresses in the template are on each node already, so no node gets one for itself. */
    private static Set<InetAddress> templateAddresses(TunnelSet set) {
        Set<InetAddress> found = new HashSet<>();
        set.template().spec().path("addresses").forEach(entry -> {
            String text = entry.path("address").asText();
            IpFamily.literal(text.substring(0, Math.max(0, text.indexOf('/')))).ifPresent(found::add);
        });
        return found;
    }
}
