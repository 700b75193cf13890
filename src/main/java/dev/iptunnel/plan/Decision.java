package dev.iptunnel.plan;

/** What the planner makes of a desired tunnel: a plan, or the reason why there can be none. */
public sealed interface Decision permits Plan, Refusal {}
