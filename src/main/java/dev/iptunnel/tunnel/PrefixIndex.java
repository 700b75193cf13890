package dev.iptunnel.tunnel;

import java.net.InetAddress;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;

/**
 * Values by networks, several of each. The time of a look-up depends on what it finds and on how many different prefix
 * lengths there are, not on how many networks. Not thread-safe.
 */
public final class PrefixIndex<T> {
    /** By the network's first address; of the same, the shorter prefix first. */
    private static final Comparator<IpPrefix> ORDER = Comparator.<IpPrefix, byte[]>comparing(
                    prefix -> prefix.address().getAddress(), Arrays::compareUnsigned)
            .thenComparingInt(IpPrefix::length);

    private final Networks<T> ip4 = new Networks<>();
    private final Networks<T> ip6 = new Networks<>();

    /**
     * Those of one family.
     *
     * @param lengths how many networks have each
     */
    private record Networks<T>(NavigableMap<IpPrefix, Set<T>> values, NavigableMap<Integer, Integer> lengths) {
        Networks() {
            this(new TreeMap<>(ORDER), new TreeMap<>());
        }
    }

    public void add(IpPrefix prefix, T value) {
        IpPrefix network = prefix.network();
        Networks<T> all = of(network);
        Set<T> values = all.values().computeIfAbsent(network, _ -> new HashSet<>());
        if (values.isEmpty()) {
            all.lengths().merge(network.length(), 1, Integer::sum);
        }
        values.add(value);
    }

    public void remove(IpPrefix prefix, T value) {
        IpPrefix network = prefix.network();
        Networks<T> all = of(network);
        all.values().computeIfPresent(network, (_, values) -> {
            values.remove(value);
            if (values.isEmpty()) {
                all.lengths().computeIfPresent(network.length(), (_, count) -> count == 1 ? null : count - 1);
                return null;
            }
            return values;
        });
    }

    /** Whether exactly this network has a value. */
    public boolean has(IpPrefix prefix) {
        IpPrefix network = prefix.network();
        return of(network).values().containsKey(network);
    }

    /** The values of all networks that contain this one. */
    public Set<T> covering(IpPrefix prefix) {
        IpPrefix network = prefix.network();
        Networks<T> all = of(network);
        Set<T> found = new HashSet<>();
        all.lengths().headMap(network.length(), true).keySet().stream()
                .map(length -> new IpPrefix(network.address(), length).network())
                .forEach(wider -> found.addAll(all.values().getOrDefault(wider, Set.of())));
        return found;
    }

    /** The values of all networks that share an address with this one. */
    public Set<T> overlapping(IpPrefix prefix) {
        IpPrefix network = prefix.network();
        Set<T> found = covering(network);
        InetAddress last = network.last();
        of(network)
                .values()
                .subMap(network, true, IpPrefix.host(last), true)
                .values()
                .forEach(found::addAll);
        return found;
    }

    private Networks<T> of(IpPrefix network) {
        return IpFamily.of(network.address()) == IpFamily.IPV4 ? ip4 : ip6;
    }
}
