package dev.iptunnel.pairing;

/** The reasons of the condition Paired, each with the status that it has. */
public enum PairReason {
    PEER_READY("True", "PeerReady"),
    PEER_MISSING("False", "PeerMissing"),
    PEER_NOT_READY("False", "PeerNotReady"),
    PEER_ASYMMETRIC("False", "PeerAsymmetric"),
    PEER_OUTSIDE_CLUSTER("Unknown", "PeerOutsideCluster"),
    PEER_ANY("Unknown", "PeerAny"),
    NOT_PROGRAMMED("Unknown", "NotProgrammed");

    private final String status;
    private final String text;

    PairReason(String status, String text) {
        this.status = status;
        this.text = text;
    }

    /** {@code True}, {@code False} or {@code Unknown}. */
    public String status() {
        return status;
    }

    /** As the condition has it. */
    @Override
    public String toString() {
        return text;
    }
}
