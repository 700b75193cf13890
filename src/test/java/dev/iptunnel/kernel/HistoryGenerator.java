package dev.iptunnel.kernel;

import dev.iptunnel.kernel.HistoryEvent.ChangeField;
import dev.iptunnel.kernel.HistoryEvent.Die;
import dev.iptunnel.kernel.HistoryEvent.Drift;
import dev.iptunnel.kernel.HistoryEvent.Fail;
import dev.iptunnel.kernel.HistoryEvent.ForeignDevice;
import dev.iptunnel.kernel.HistoryEvent.ForeignTunnel;
import dev.iptunnel.kernel.HistoryEvent.Forget;
import dev.iptunnel.kernel.HistoryEvent.MakeAnew;
import dev.iptunnel.kernel.HistoryEvent.ParentGoes;
import dev.iptunnel.kernel.HistoryEvent.ParentMtu;
import dev.iptunnel.kernel.HistoryEvent.RemoveForeign;
import dev.iptunnel.kernel.HistoryEvent.RivalRoute;
import dev.iptunnel.kernel.HistoryEvent.SwapEndpoints;
import dev.iptunnel.kernel.HistoryEvent.SwapNames;
import dev.iptunnel.kernel.HistoryEvent.Twin;
import dev.iptunnel.kernel.HistoryEvent.Want;
import dev.iptunnel.tunnel.DeletionPolicy;
import dev.iptunnel.tunnel.Mark;
import dev.iptunnel.tunnel.TunnelMode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Tuple;

/** Generates histories. */
final class HistoryGenerator {
    private static final int OBJECTS = 8;
    private static final int OLDEST = 0;
    private static final int YOUNGEST = 3;
    private static final int MOST_EVENTS = 5;
    private static final int MOST_OPERATIONS = 12;
    /** As many fields as an object has, or more. */
    private static final int FIELDS = 20;
    /** So great that each value of a field is as likely as the others. */
    private static final int PICKS = 60;

    private static final Mark OTHER_MANAGERS = new Mark("another-manager", "uid-0-0", DeletionPolicy.DELETE, "o0");

    private static final List<List<String>> DRIFTS = List.of(
            List.of("link set dev NAME down"),
            List.of("link set dev NAME up"),
            List.of("link set dev NAME mtu 1300"),
            List.of("link set dev NAME type KIND fwmark 7"),
            List.of("tunnel change NAME ttl 9", "-6 tunnel change NAME hoplimit 9"),
            List.of("tunnel change NAME remote 192.0.2.77", "-6 tunnel change NAME remote 2001:db8::77"),
            List.of("address flush dev NAME scope global"),
            List.of("route flush dev NAME proto 173", "-6 route flush dev NAME proto 173"),
            List.of("link set dev NAME down", "link set dev NAME up"),
            List.of("address add 10.200.0.1/32 dev NAME", "address add fd20::1/128 dev NAME"),
            List.of("route add 10.250.0.0/16 dev NAME proto bird", "route add fd25::/48 dev NAME proto bird"),
            List.of("link set dev NAME alias mine"),
            List.of("link set dev NAME alias \"\""),
            List.of("link set dev NAME alias \"\"", "link set dev NAME down", "address flush dev NAME"),
            List.of("link delete dev NAME"),
            List.of("link set dev NAME down", "link set dev NAME name t0"),
            List.of("link set dev NAME down", "link set dev NAME name t3", "link set dev t3 up"));

    private HistoryGenerator() {}

    /** First three to eight objects, then some events before each further reconciliation. */
    static Arbitrary<History> histories(int steps) {
        Arbitrary<List<HistoryEvent>> first =
                object().<HistoryEvent>map(Want::new).list().ofMinSize(3).ofMaxSize(OBJECTS);
        Arbitrary<List<HistoryEvent>> later = event().list().ofMinSize(1).ofMaxSize(MOST_EVENTS);
        return Combinators.combine(first, later.list().ofSize(steps - 1))
                .as((begin, rest) -> new History(
                        Stream.concat(Stream.of(begin), rest.stream()).toList()));
    }

    private static Arbitrary<HistoryEvent> event() {
        Arbitrary<Integer> pick = Arbitraries.integers().between(0, PICKS - 1);
        Arbitrary<Integer> operations = Arbitraries.integers().between(0, MOST_OPERATIONS);
        Arbitrary<Boolean> yes = Arbitraries.of(true, false);
        return Arbitraries.frequencyOf(
                Tuple.of(5, object().map(Want::new)),
                Tuple.of(6, Combinators.combine(pick, pick, pick).as(ChangeField::new)),
                Tuple.of(2, pick.map(Forget::new)),
                Tuple.of(2, Combinators.combine(pick, age()).as(MakeAnew::new)),
                Tuple.of(2, Combinators.combine(pick, pick).as(SwapNames::new)),
                Tuple.of(2, Combinators.combine(pick, pick).as(SwapEndpoints::new)),
                Tuple.of(2, operations.map(Die::new)),
                Tuple.of(2, operations.map(Fail::new)),
                Tuple.of(1, foreignName().map(ForeignDevice::new)),
                Tuple.of(2, foreignTunnel()),
                Tuple.of(2, Combinators.combine(pick, yes).as(Twin::new)),
                Tuple.of(4, pick.map(RemoveForeign::new)),
                Tuple.of(1, Combinators.combine(pick, yes).as(RivalRoute::new)),
                Tuple.of(1, Arbitraries.just(new ParentGoes())),
                Tuple.of(
                        2,
                        Combinators.combine(Arbitraries.of("under0", "under1"), Arbitraries.of(1500, 1400))
                                .as(ParentMtu::new)),
                Tuple.of(8, Combinators.combine(pick, Arbitraries.of(DRIFTS)).as(Drift::new)));
    }

    private static Arbitrary<HistoryEvent> foreignTunnel() {
        return Combinators.combine(
                        foreignName(),
                        object(),
                        Arbitraries.of(true, false),
                        Arbitraries.of("", "mine", OTHER_MANAGERS.toString()))
                .as((name, object, up, alias) -> new ForeignTunnel(object.mode(), name, object, up, alias));
    }

    private static Arbitrary<String> foreignName() {
        return Arbitraries.of("t0", "t1", "t2", "t3", "t4", "f0", "f1");
    }

    private static Arbitrary<Integer> age() {
        return Arbitraries.integers().between(OLDEST, YOUNGEST);
    }

    private static Arbitrary<HistoryObject> object() {
        return Combinators.combine(
                        Arbitraries.integers().between(0, OBJECTS - 1),
                        age(),
                        Arbitraries.of(TunnelMode.class),
                        Arbitraries.integers().between(0, PICKS - 1).list().ofSize(FIELDS))
                .as((number, age, mode, choices) -> new HistoryObject(number, 0, age, mode, row(mode, number, choices)))
                .filter(HistoryObject::isAllowed);
    }

    private static Map<String, String> row(TunnelMode mode, int number, List<Integer> choices) {
        Map<String, String> row = new LinkedHashMap<>();
        HistoryObject.columns(mode, number)
                .forEach((column, values) -> row.put(column, values.get(choices.get(row.size()) % values.size())));
        return row;
    }
}
