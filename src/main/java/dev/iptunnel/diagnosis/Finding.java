package dev.iptunnel.diagnosis;

import dev.iptunnel.plan.Reason;
import dev.iptunnel.plan.Refusal;
import java.util.Optional;

/**
 * What one check found.
 *
 * @param seen what was read, for a person, in one sentence without a full stop
 * @param advice what to do
 * @param reason the same name that the status of an IpTunnel would have, where there is one
 */
public record Finding(Check check, Result outcome, String seen, Optional<String> advice, Optional<Reason> reason) {
    static Finding ok(Check check, String seen) {
        return new Finding(check, Result.OK, seen, Optional.empty(), Optional.empty());
    }

    static Finding warn(Check check, String seen, String advice) {
        return new Finding(check, Result.WARN, seen, Optional.of(advice), Optional.empty());
    }

    static Finding fail(Check check, String seen, String advice) {
        return new Finding(check, Result.FAIL, seen, Optional.of(advice), Optional.empty());
    }

    static Finding fail(Check check, Reason reason, String seen, String advice) {
        return new Finding(check, Result.FAIL, seen, Optional.of(advice), Optional.of(reason));
    }

    /** The message of a refusal says what to do as well. */
    static Finding refused(Check check, Refusal refusal) {
        return new Finding(check, Result.FAIL, refusal.message(), Optional.empty(), Optional.of(refusal.reason()));
    }

    static Finding skipped(Check check, String why) {
        return new Finding(check, Result.SKIPPED, why, Optional.empty(), Optional.empty());
    }

    boolean failed() {
        return outcome == Result.FAIL;
    }
}
