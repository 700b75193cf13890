package dev.iptunnel.agent.program;

import dev.iptunnel.observation.Observation;
import dev.iptunnel.plan.Plan;
import dev.iptunnel.plan.Refusal;
import dev.iptunnel.tunnel.DesiredTunnel;
import java.util.List;
import java.util.Optional;

/** Watches the plans for one tunnel, and says at the end whether they cut the node off. Used once, by one thread. */
public interface Trial {
    /** Watches nothing. */
    Trial NONE = new Trial() {
        @Override
        public void before(DesiredTunnel desired, Observation observed, Plan plan) {}

        @Override
        public Optional<Undo> after(List<Plan> executed, boolean failed) {
            return Optional.empty();
        }
    };

    /**
     * Called before each plan is executed. May ask the API server for an answer first.
     *
     * @param observed what the kernel holds
     */
    void before(DesiredTunnel desired, Observation observed, Plan plan);

    /**
     * Called after the last plan. May wait until the API server answers.
     *
     * @param failed whether a plan was not executed to its end
     * @return what to do if the plans cut the node off
     */
    Optional<Undo> after(List<Plan> executed, boolean failed);

    /**
     * How plans are undone.
     *
     * @param held the tunnel as it was; empty: there was none, and it is removed
     * @param refusal what the status reports
     */
    record Undo(Optional<DesiredTunnel> held, Refusal refusal) {}
}
