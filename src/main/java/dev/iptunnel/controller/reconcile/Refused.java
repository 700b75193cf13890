package dev.iptunnel.controller.reconcile;

import dev.iptunnel.controller.write.TunnelWriter.Refusal;
import dev.iptunnel.set.SetProblem;
import java.util.List;
import java.util.stream.Stream;

/** Writes that the API server does not take, as problems of the set. */
final class Refused {
    static final String REASON = "RefusedByAPIServer";

    private Refused() {}

    static Stream<SetProblem> problems(List<Refusal> refused) {
        return refused.stream()
                .map(refusal ->
                        new SetProblem(refusal.write().node(), refusal.write().name(), REASON, refusal.message()));
    }
}
