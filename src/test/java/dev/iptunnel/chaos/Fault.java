package dev.iptunnel.chaos;

/**
 * A fault as it is drawn.
 *
 * @param node where; the control plane has its faults whatever this says
 * @param pick which of the tunnels that are there, counted round and round
 * @param seconds how long, where it lasts
 */
record Fault(FaultKind kind, String node, int pick, int seconds) {
    @Override
    public String toString() {
        return kind + " " + node + " pick " + pick + ", " + seconds + " s";
    }
}
