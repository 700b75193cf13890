package dev.iptunnel.plan;

/** The answer of the planner for a desired tunnel: a plan, or the reason why there is none. */
public sealed interface Decision permits Plan, Refusal {}
