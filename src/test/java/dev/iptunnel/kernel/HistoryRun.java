package dev.iptunnel.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.kernel.HistoryEvent.Die;
import dev.iptunnel.kernel.NodeSnapshot.Device;
import dev.iptunnel.plan.Reason;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;

/** One history, on a node that has nothing but its parents at first. */
final class HistoryRun {
    private final HistoryAgent agent;
    private final TypedOracle oracle;
    private final HistoryWorld world;
    private final Map<String, Integer> tally;
    private NodeSnapshot before = new NodeSnapshot(List.of());
    private NodeSnapshot after = before;

    private HistoryRun(HistoryAgent agent, TypedOracle oracle, Map<String, Integer> tally) {
        this.agent = agent;
        this.oracle = oracle;
        this.world = new HistoryWorld(agent);
        this.tally = tally;
    }

    /**
     * Fails with all that led to it.
     *
     * @param order in which the agent takes the objects
     * @param tally gets how often something was so
     */
    static void play(History history, Random order, TypedOracle oracle, Map<String, Integer> tally) {
        try (HistoryAgent agent = new HistoryAgent(order)) {
            new HistoryRun(agent, oracle, tally).play(history);
        }
    }

    private void play(History history) {
        for (int step = 0; step < history.steps().size(); step++) {
            try {
                play(step, history.steps().get(step));
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError("step " + step + " of\n" + history + "\n" + this + "\n" + e, e);
            }
        }
    }

    @Override
    public String toString() {
        List<Device> changed = after.devices().stream()
                .filter(device -> !before.devices().contains(device))
                .toList();
        return "objects:\n" + History.lines(world.objects()) + "\nthe node before:\n" + before + "\ndecided:\n" + agent
                + "\nof the node after, what differs:\n" + new NodeSnapshot(changed);
    }

    private void play(int step, List<HistoryEvent> events) {
        for (HistoryEvent event : events) {
            before = event instanceof Die ? NodeSnapshot.take() : before;
            HistoryRules rules = rules();
            world.happen(event);
            if (event instanceof Die) {
                after = NodeSnapshot.take();
                rules.untouched().forEach(this::checkUntouched);
            }
        }
        before = NodeSnapshot.take();
        Map<Integer, Optional<Reason>> outcomes = agent.reconcile(world.objects());
        after = NodeSnapshot.take();
        agent.checkTold(world.objects());
        check(outcomes);
        count(outcomes.values(), step);
    }

    private HistoryRules rules() {
        return new HistoryRules(world.objects(), before, oracle);
    }

    private void check(Map<Integer, Optional<Reason>> outcomes) {
        HistoryRules rules = rules();
        for (HistoryObject object : world.objects()) {
            check(rules, object, outcomes.getOrDefault(object.number(), Optional.empty()));
        }
        List<Device> untouched = rules.untouched();
        untouched.forEach(this::checkUntouched);
        assertThat(after.devices())
                .as("devices that have our mark")
                .filteredOn(device -> device.mark().isPresent())
                .allMatch(device -> world.objects().stream().anyMatch(device::isOf));
        assertThat(after.devices())
                .as("devices without it")
                .filteredOn(device -> device.mark().isEmpty())
                .extracting(Device::name)
                .containsExactlyInAnyOrderElementsOf(
                        untouched.stream().map(Device::name).toList());
    }

    private void check(HistoryRules rules, HistoryObject object, Optional<Reason> outcome) {
        Set<Reason> refusals = rules.refusals(object);
        List<Device> own =
                after.devices().stream().filter(device -> device.isOf(object)).toList();
        assertThat(own).as("devices of %s", object).hasSizeLessThanOrEqualTo(1);
        if (!refusals.isEmpty()) {
            assertThat(outcome.stream())
                    .as("%s is refused", object)
                    .isSubsetOf(refusals)
                    .isNotEmpty();
        } else if (!(rules.mayBeOutdone(object) && outcome.equals(Optional.of(Reason.ENDPOINT_CONFLICT)))) {
            assertThat(outcome)
                    .as("%s is programmed", object)
                    .isEqualTo(
                            rules.contestedRoutes(object).isEmpty()
                                    ? Optional.empty()
                                    : Optional.of(Reason.ROUTE_CONFLICT));
            assertThat(own).as("devices of %s", object).hasSize(1);
            checkProgrammed(rules, object, own.getFirst());
        }
    }

    private void checkProgrammed(HistoryRules rules, HistoryObject object, Device device) {
        assertThat(device.name()).as("interface of %s", object).isEqualTo(object.interfaceName());
        assertThat(device.alias())
                .as("mark of %s", object)
                .isEqualTo(object.mark().toString());
        DeviceState expected = rules.expected(object, device);
        assertThat(device.state().isLike(expected))
                .as("%s is what iproute2 makes\n-- iproute2:\n%s\n-- ours:\n%s\n", object, expected, device.state())
                .isTrue();
        assertThat(Expert.setting("ipv6/conf/" + device.name() + "/mtu"))
                .as("IPv6's mtu of %s", object)
                .isEqualTo(device.mtu());
        if (!object.row().getOrDefault("reversePathFilter", "absent").equals("absent")) {
            assertThat(Expert.setting("ipv4/conf/" + device.name() + "/rp_filter"))
                    .as("rp_filter of %s", object)
                    .isEqualTo(List.of("Disabled", "Strict", "Loose").indexOf(object.word("reversePathFilter")));
        }
        rules.kept(object)
                .ifPresent(kept ->
                        assertThat(device.ifindex()).as("ifindex of %s", object).isEqualTo(kept.ifindex()));
    }

    private void checkUntouched(Device device) {
        assertThat(after.named(device.name()).map(Device::unmarked))
                .as("foreign device %s", device.name())
                .hasValue(device.unmarked());
        if (device.mark().isEmpty()) {
            assertThat(after.named(device.name()).map(Device::alias)).hasValue(device.alias());
        }
    }

    private void count(Collection<Optional<Reason>> outcomes, int step) {
        tally.merge(step == 0 ? "histories" : "further steps", 1, Integer::sum);
        for (Optional<Reason> outcome : outcomes) {
            tally.merge(outcome.map(Reason::toString).orElse("programmed"), 1, Integer::sum);
        }
    }
}
