package dev.iptunnel.set.rollout;

import dev.iptunnel.set.RolloutPolicy.OnFailure;
import dev.iptunnel.set.revision.Revisions;
import java.util.Optional;

/**
 * The revision that the nodes of a set should have.
 *
 * @param target the revision of the set's present template
 * @param good the last good revision; empty before the first roll-out is done
 * @param failed whether the target failed, and nobody asked for another try
 * @param rollback whether the last good revision is put back then
 * @param retry whether another try of the target begins with this pass
 */
public record Goal(String target, Optional<String> good, boolean failed, boolean rollback, boolean retry) {

    /**
     * Chooses the goal.
     *
     * @param asked the revision that somebody wants to be tried again ({@code iptunnel.dev/retry})
     * @param retried the revision that was tried again for that reason. An annotation that stays is followed once.
     */
    public static Goal of(
            String target, Revisions revisions, Optional<String> asked, Optional<String> retried, OnFailure onFailure) {
        boolean failed = revisions.failed().contains(target);
        boolean retry = failed
                && asked.filter(target::equals).isPresent()
                && retried.filter(target::equals).isEmpty();
        return new Goal(target, revisions.current(), failed && !retry, onFailure == OnFailure.ROLLBACK, retry);
    }

    /**
     * The value to remember as {@code retried}: the target when its other try begins, and then as long as somebody asks for
     * that revision.
     */
    public Optional<String> retried(Optional<String> asked, Optional<String> before) {
        return retry
                ? Optional.of(target)
                : before.filter(revision -> asked.filter(revision::equals).isPresent());
    }

    /** The revision to apply; empty if no template is to be applied. */
    public Optional<String> revision() {
        if (!failed) {
            return Optional.of(target);
        }
        return rollback ? good : Optional.empty();
    }

    /** The revision that the nodes are compared with: the one to apply, or the one that failed. */
    public String compared() {
        return revision().orElse(target);
    }

    /** Whether the revision to apply has already worked on all nodes, so that it is not tested and cannot fail. */
    boolean isProven() {
        return good.isPresent() && good.equals(revision());
    }
}
