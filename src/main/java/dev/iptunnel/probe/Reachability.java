package dev.iptunnel.probe;

import dev.iptunnel.probe.ReachabilityReason.Answer;
import dev.iptunnel.tunnel.IpFamily;
import java.util.Optional;

/**
 * Whether packets pass through a tunnel to its peer and back. It changes only when the answer or its cause does: the
 * message has no times and no counts.
 */
public record Reachability(ReachabilityReason reason, String message) {
    /** The tunnel is not as the spec asks, so it is not probed. */
    public static Reachability notProgrammed(String why) {
        return new Reachability(ReachabilityReason.NOT_PROGRAMMED, "not probed: " + why);
    }

    /** It is not known whom to ask. */
    public static final Reachability NO_TARGET = new Reachability(
            ReachabilityReason.NO_TARGET,
            "not probed: no address of the other end is known; write it as spec.probe.target, or as the peer of the first"
                    + " address, and give the tunnel an address to ask from");

    static Reachability starting(ProbeSubject subject) {
        return new Reachability(ReachabilityReason.STARTING, "waiting for the first answers of " + target(subject));
    }

    static Reachability answers(ProbeSubject subject) {
        return new Reachability(ReachabilityReason.PEER_ANSWERS, target(subject) + " answers");
    }

    /** @param passes the longest packet that passes, in bytes; 0 if not even the base of a search does */
    static Reachability answers(ProbeSubject subject, int passes) {
        String target = target(subject);
        if (passes >= subject.mtu()) {
            return new Reachability(
                    ReachabilityReason.PEER_ANSWERS,
                    target + " answers, also packets of " + subject.mtu() + " bytes, the tunnel's MTU");
        }
        String lost = subject.mtu() + " bytes, the tunnel's MTU, do not pass to or from " + target + "; ";
        return new Reachability(
                ReachabilityReason.PATH_MTU_TOO_SMALL,
                lost
                        + (passes > 0
                                ? passes + " do: write mtu: " + passes + " at both ends"
                                : "not even " + Math.min(subject.baseMtu(), subject.mtu())
                                        + " do: raise the MTU of the path"));
    }

    static Reachability silent(ProbeSubject subject, Optional<ProbeObstacle> obstacle) {
        ReachabilityReason reason = obstacle.map(seen -> switch (seen.kind()) {
                    case UNREACHABLE -> ReachabilityReason.ADDRESS_UNREACHABLE;
                    case NOT_PROGRAMMED -> ReachabilityReason.NOT_PROGRAMMED;
                    case NOT_PERMITTED -> ReachabilityReason.PROBE_NOT_PERMITTED;
                })
                .orElse(ReachabilityReason.NO_REPLY);
        return new Reachability(
                reason,
                target(subject) + " does not answer "
                        + IpFamily.format(subject.source())
                        + obstacle.map(seen -> ": " + seen.text()).orElse(" through the tunnel"));
    }

    private static String target(ProbeSubject subject) {
        return IpFamily.format(subject.target());
    }

    /** Whether nothing passes. */
    public boolean isSilence() {
        return reason == ReachabilityReason.NO_REPLY || reason == ReachabilityReason.ADDRESS_UNREACHABLE;
    }

    public Answer answer() {
        return reason.answer();
    }
}
