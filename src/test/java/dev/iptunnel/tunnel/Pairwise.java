package dev.iptunnel.tunnel;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** A small set of combinations in which any two options of any two choices occur together. */
public final class Pairwise {
    private final int[] options;
    private final Set<Meeting> missing = new LinkedHashSet<>();

    /** Option {@code a} of choice {@code i} together with option {@code b} of the later choice {@code j}. */
    private record Meeting(int i, int a, int j, int b) {}

    private Pairwise(int... options) {
        this.options = options;
        for (int i = 0; i < options.length; i++) {
            for (int j = i + 1; j < options.length; j++) {
                for (int a = 0; a < options[i]; a++) {
                    for (int b = 0; b < options[j]; b++) {
                        missing.add(new Meeting(i, a, j, b));
                    }
                }
            }
        }
    }

    /**
     * Combinations that contain each pair of options of two choices.
     *
     * @param options the number of options of each choice; a combination has the index of one option of each choice
     */
    public static List<int[]> of(int... options) {
        return new Pairwise(options).combinations();
    }

    private List<int[]> combinations() {
        List<int[]> combinations = new ArrayList<>();
        while (!missing.isEmpty()) {
            int[] combination = next(missing.iterator().next());
            missing.removeIf(meeting -> isIn(meeting, combination));
            combinations.add(combination);
        }
        return combinations;
    }

    private int[] next(Meeting seed) {
        int[] combination = new int[options.length];
        boolean[] chosen = new boolean[options.length];
        combination[seed.i()] = seed.a();
        combination[seed.j()] = seed.b();
        chosen[seed.i()] = true;
        chosen[seed.j()] = true;
        for (int choice = 0; choice < options.length; choice++) {
            if (!chosen[choice]) {
                combination[choice] = best(choice, combination, chosen);
                chosen[choice] = true;
            }
        }
        return combination;
    }

    private int best(int choice, int[] combination, boolean[] chosen) {
        int best = 0;
        long most = -1;
        for (int option = 0; option < options[choice]; option++) {
            combination[choice] = option;
            long met = missing.stream()
                    .filter(meeting -> (meeting.i() == choice && chosen[meeting.j()])
                            || (meeting.j() == choice && chosen[meeting.i()]))
                    .filter(meeting -> isIn(meeting, combination))
                    .count();
            if (met > most) {
                most = met;
                best = option;
            }
        }
        return best;
    }

    private static boolean isIn(Meeting meeting, int[] combination) {
        return combination[meeting.i()] == meeting.a() && combination[meeting.j()] == meeting.b();
    }
}
