package dev.iptunnel.agent.program;

import dev.iptunnel.plan.Plan;

/** Called by the thread that programs a tunnel, before what it does next. */
@FunctionalInterface
public interface ProgramListener {
    /** This plan, which interrupts traffic, is executed next. */
    void interrupts(Plan plan);

    /** The kernel is read next, for a whole look: the look shows all that the kernel has told so far. */
    default void reads() {}
}
