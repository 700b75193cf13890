package dev.iptunnel.controller.spec;

import dev.iptunnel.api.v1alpha1.set.RolloutSpec;
import dev.iptunnel.set.RolloutPolicy;
import dev.iptunnel.set.RolloutPolicy.MaxUnavailable;
import dev.iptunnel.set.RolloutPolicy.OnFailure;
import io.fabric8.kubernetes.api.model.IntOrString;
import java.time.Duration;
import java.util.Objects;

/** Reads how a template is rolled out. The messages are those of the CRD's rules. */
final class RolloutReader {
    private static final String FIELD = "spec.rollout.";
    private static final int MOST_SECONDS = 86_400;

    private final Findings findings;

    RolloutReader(Findings findings) {
        this.findings = findings;
    }

    RolloutPolicy read(RolloutSpec rollout) {
        number("canaryNodes", rollout.canaryNodes(), 0, 100);
        number("minReadySeconds", rollout.minReadySeconds(), 0, MOST_SECONDS);
        number("progressDeadlineSeconds", rollout.progressDeadlineSeconds(), 1, MOST_SECONDS);
        number("maxFailures", rollout.maxFailures(), 0, 10_000);
        findings.require(
                rollout.progressDeadlineSeconds() > rollout.minReadySeconds(),
                FIELD + "progressDeadlineSeconds",
                "a node would be late before it can be available: write more seconds than minReadySeconds");
        return new RolloutPolicy(
                rollout.paused(),
                maxUnavailable(rollout.maxUnavailable()),
                rollout.canaryNodes(),
                Duration.ofSeconds(rollout.minReadySeconds()),
                Duration.ofSeconds(rollout.progressDeadlineSeconds()),
                rollout.maxFailures(),
                onFailure(rollout.onFailure()));
    }

    private void number(String field, int number, int least, int most) {
        findings.require(
                number >= least && number <= most, FIELD + field, "write a number from " + least + " to " + most);
    }

    private MaxUnavailable maxUnavailable(IntOrString value) {
        Integer number = value.getIntVal();
        if (number != null && number >= 1) {
            return new MaxUnavailable(number, false);
        }
        String share = Objects.requireNonNullElse(value.getStrVal(), "");
        if (share.matches("([1-9][0-9]?|100)%")) {
            return new MaxUnavailable(Integer.parseInt(share.substring(0, share.length() - 1)), true);
        }
        findings.add(
                FIELD + "maxUnavailable",
                "write a number of at least 1, without quotes, or a share from \"1%\" to \"100%\"");
        return new MaxUnavailable(1, false);
    }

    private OnFailure onFailure(String text) {
        findings.require(
                text.equals("Pause") || text.equals("Rollback"),
                FIELD + "onFailure",
                "\"" + text + "\" is neither Pause nor Rollback");
        return text.equals("Rollback") ? OnFailure.ROLLBACK : OnFailure.PAUSE;
    }
}
