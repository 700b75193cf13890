package dev.iptunnel.show;

import dev.iptunnel.agent.program.Look;
import dev.iptunnel.plan.Decision;
import dev.iptunnel.plan.Plan;
import dev.iptunnel.plan.Refusal;
import java.util.List;
import java.util.Optional;

/**
 * How a tunnel differs from what is asked for.
 *
 * @param reason of a refusal, as the status of the object has it; otherwise empty
 * @param changes the commands that would make it what is asked for
 * @param refused what is not done, and why
 */
public record Sync(State state, String reason, List<String> changes, List<String> refused) {
    public Sync {
        changes = List.copyOf(changes);
        refused = List.copyOf(refused);
    }

    /** The kinds of difference. */
    public enum State {
        IN_SYNC("InSync"),
        DIFFERS("Differs"),
        MISSING("Missing"),
        REFUSED("Refused"),
        PAUSED("Paused");

        private final String text;

        State(String text) {
            this.text = text;
        }

        @Override
        public String toString() {
            return text;
        }
    }

    /** Nothing is known but the reason. */
    public static Sync refused(Refusal refusal) {
        return new Sync(State.REFUSED, refusal.reason().toString(), List.of(), List.of(refusal.message()));
    }

    /** What the planner says of it. */
    public static Sync of(Look look) {
        Decision decision = look.decision();
        return switch (decision) {
            case Refusal refusal -> refused(refusal);
            case Plan plan -> {
                Optional<Refusal> part = plan.refused().stream().findFirst();
                boolean missing = look.observed().named().isEmpty()
                        && look.observed().strays().isEmpty();
                State state = plan.isEmpty()
                        ? part.isEmpty() ? State.IN_SYNC : State.REFUSED
                        : look.desired().paused() ? State.PAUSED : missing ? State.MISSING : State.DIFFERS;
                yield new Sync(
                        state,
                        part.map(refusal -> refusal.reason().toString()).orElse(""),
                        plan.operations().stream().map(Object::toString).toList(),
                        plan.refused().stream().map(Refusal::message).toList());
            }
        };
    }

    /** In a few words, for a table. */
    String inWords() {
        String what =
                switch (state) {
                    case IN_SYNC, MISSING -> "";
                    case REFUSED -> reason;
                    case DIFFERS, PAUSED -> changes.isEmpty() ? "" : changes.getFirst() + more();
                };
        return what.isEmpty() ? state.toString() : state + ": " + what;
    }

    private String more() {
        return changes.size() == 1 ? "" : " (and " + (changes.size() - 1) + " more)";
    }
}
