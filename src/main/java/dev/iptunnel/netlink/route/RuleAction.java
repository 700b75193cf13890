package dev.iptunnel.netlink.route;

/** {@code FR_ACT_*} of {@code linux/fib_rules.h}: what a rule does with the packets that it selects. */
public enum RuleAction {
    /** Looks the packet up in the table. Where that has no route, the next rule decides. */
    TO_TABLE(1),
    GOTO(2),
    NOP(3),
    BLACKHOLE(6),
    UNREACHABLE(7),
    PROHIBIT(8),
    /** An action of a newer kernel. */
    UNKNOWN(0);

    private final int number;

    RuleAction(int number) {
        this.number = number;
    }

    static RuleAction of(int number) {
        for (RuleAction action : values()) {
            if (action.number == number) {
                return action;
            }
        }
        return UNKNOWN;
    }
}
