package dev.iptunnel.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.chaos.Script.Step;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class ScriptTest {
    @Test
    void the_same_seed_draws_the_same() {
        // given
        Script script = Script.draw(17, 60);

        // when
        Script again = Script.draw(17, 60);

        // then
        assertThat(again).isEqualTo(script);
        assertThat(again).hasToString(script.toString());
    }

    @Test
    void another_seed_draws_another() {
        // given
        Script script = Script.draw(17, 60);

        // when
        Script other = Script.draw(18, 60);

        // then
        assertThat(other).isNotEqualTo(script);
    }

    @Test
    void forty_faults_are_one_of_each_kind_and_more() {
        // given
        int faults = 40;

        // when
        List<Step> steps = Script.draw(5, faults).steps();

        // then
        assertThat(steps).hasSize(faults);
        assertThat(steps.stream().map(step -> step.fault().kind()).collect(Collectors.toSet()))
                .containsAll(Arrays.asList(FaultKind.values()));
    }

    @Test
    void where_objects_change_after_a_fault_one_of_its_node_does() {
        // given
        Script script = Script.draw(5, 40);

        // when
        List<Step> steps = script.steps().stream()
                .filter(step -> step.fault().kind().changes() == FaultKind.Changes.AFTERWARDS)
                .toList();

        // then
        assertThat(steps).isNotEmpty().allSatisfy(step -> assertThat(
                        step.changes().getLast().name())
                .startsWith("chaos" + Nodes.number(step.fault().node()) + "-"));
    }

    @Test
    void a_name_is_created_before_it_is_changed_or_deleted() {
        // given
        var scripts = LongStream.range(0, 20).mapToObj(seed -> Script.draw(seed, 100));

        // when
        List<String> wrong =
                scripts.flatMap(script -> Lifetimes.wrong(script).stream()).toList();

        // then
        assertThat(wrong).isEmpty();
    }

    /** Follows which objects there are. */
    private static final class Lifetimes {
        private final Set<String> names = new HashSet<>();
        private final List<String> wrong = new ArrayList<>();

        static List<String> wrong(Script script) {
            Lifetimes lifetimes = new Lifetimes();
            script.initial().forEach(lifetimes::follow);
            script.steps().forEach(step -> step.changes().forEach(lifetimes::follow));
            return lifetimes.wrong;
        }

        private void follow(ObjectChange change) {
            boolean fits =
                    switch (change) {
                        case ObjectChange.Create(String name, var _) -> names.add(name);
                        case ObjectChange.Update(String name, var _) -> names.contains(name);
                        case ObjectChange.Replace(String name, var _) -> names.contains(name);
                        case ObjectChange.Delete(String name) -> names.remove(name);
                    };
            if (!fits) {
                wrong.add(change.toString());
            }
        }
    }
}
