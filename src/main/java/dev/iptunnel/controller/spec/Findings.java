package dev.iptunnel.controller.spec;

import java.util.ArrayList;
import java.util.List;

/** Collects what is wrong with one set. */
final class Findings {
    private final List<SetFinding> all = new ArrayList<>();

    void add(String field, String message) {
        all.add(new SetFinding(
                field.startsWith("spec.template") ? SetFinding.INVALID_TEMPLATE : SetFinding.INVALID_SPEC,
                field,
                message));
    }

    /** Adds a finding unless this holds. */
    void require(boolean holds, String field, String message) {
        if (!holds) {
            add(field, message);
        }
    }

    boolean isEmpty() {
        return all.isEmpty();
    }

    List<SetFinding> all() {
        return List.copyOf(all);
    }
}
