package dev.iptunnel.netlink.link;

/**
 * The operational state of RFC 2863, {@code IF_OPER_*} of {@code linux/if.h}, in its order. Tunnels that are up report
 * UNKNOWN.
 */
public enum OperState {
    UNKNOWN,
    NOTPRESENT,
    DOWN,
    LOWERLAYERDOWN,
    TESTING,
    DORMANT,
    UP;

    private static final OperState[] STATES = values();

    static OperState of(int number) {
        return number < STATES.length ? STATES[number] : UNKNOWN;
    }
}
