package dev.iptunnel.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PrefixIndexTest {
    private static final int STEPS = 5_000;

    private final Random random = new Random(1);
    private final PrefixIndex<String> index = new PrefixIndex<>();
    private final Map<String, IpPrefix> expected = new HashMap<>();

    @ParameterizedTest
    @EnumSource
    void finds_what_a_comparison_with_each_network_finds(IpFamily family) {
        for (int step = 0; step < STEPS; step++) {
            // given
            String name = "tunnel" + random.nextInt(50);
            IpPrefix before = expected.remove(name);
            if (before != null) {
                index.remove(before, name);
            } else {
                IpPrefix added = prefix(family);
                index.add(added, name);
                expected.put(name, added);
            }

            // when
            IpPrefix asked = prefix(family);

            // then
            assertThat(index.overlapping(asked))
                    .as("overlapping %s of %s", asked, expected)
                    .isEqualTo(namesOf(known -> known.overlaps(asked)));
            assertThat(index.covering(asked))
                    .as("covering %s of %s", asked, expected)
                    .isEqualTo(namesOf(known -> known.covers(asked)));
            assertThat(index.has(asked))
                    .as("%s itself of %s", asked, expected)
                    .isEqualTo(!namesOf(known -> known.network().equals(asked.network()))
                            .isEmpty());
        }
    }

    private Set<String> namesOf(Predicate<IpPrefix> wanted) {
        return expected.entrySet().stream()
                .filter(entry -> wanted.test(entry.getValue()))
                .map(Map.Entry::getKey)
                .collect(Collectors.toSet());
    }

    /** Of few addresses, that many overlap: high and low bytes differ, signed ones among them. */
    private IpPrefix prefix(IpFamily family) {
        byte[] bytes = family.any().getAddress();
        Stream.of(0, 1, bytes.length - 1)
                .forEach(at -> bytes[at] = (byte) (random.nextInt(3) * 127 + random.nextInt(2)));
        return new IpPrefix(family.ofBytes(bytes), random.nextInt(family.bits() + 1));
    }
}
