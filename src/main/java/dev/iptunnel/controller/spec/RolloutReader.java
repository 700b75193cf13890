package dev.iptunnel.controller.spec;

import com.fasterxml.jackson.databind.JsonNode;
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
    private static final String REACHABLE = "Reachable";
    private static final int PROBE_INTERVAL = 10;
    private static final int PROBE_FAILURES = 3;
    private static final int PROBE_TIMEOUT = 2;

    private final Findings findings;

    RolloutReader(Findings findings) {
        this.findings = findings;
    }

    /** @param probe {@code template.spec.probe} */
    RolloutPolicy read(RolloutSpec rollout, JsonNode probe) {
        number("canaryNodes", rollout.canaryNodes(), 0, 100);
        number("minReadySeconds", rollout.minReadySeconds(), 0, MOST_SECONDS);
        number("progressDeadlineSeconds", rollout.progressDeadlineSeconds(), 1, MOST_SECONDS);
        number("maxFailures", rollout.maxFailures(), 0, 10_000);
        findings.require(
                rollout.progressDeadlineSeconds() > rollout.minReadySeconds(),
                FIELD + "progressDeadlineSeconds",
                "a node would be late before it can be available: write more seconds than minReadySeconds");
        boolean reachable = reachable(rollout.require(), probe);
        int noticed = reachable ? noticedAfter(probe) : 0;
        findings.require(
                rollout.progressDeadlineSeconds() > noticed,
                FIELD + "progressDeadlineSeconds",
                "the probes take longer to notice that a peer does not answer: write more seconds than"
                        + " intervalSeconds times failureThreshold, plus timeoutSeconds, of template.spec.probe");
        return new RolloutPolicy(
                rollout.paused(),
                maxUnavailable(rollout.maxUnavailable()),
                rollout.canaryNodes(),
                Duration.ofSeconds(Math.max(rollout.minReadySeconds(), noticed)),
                Duration.ofSeconds(rollout.progressDeadlineSeconds()),
                reachable,
                rollout.maxFailures(),
                onFailure(rollout.onFailure()));
    }

    private void number(String field, int number, int least, int most) {
        findings.require(
                number >= least && number <= most, FIELD + field, "write a number from " + least + " to " + most);
    }

    private boolean reachable(String text, JsonNode probe) {
        findings.require(
                text.equals("Ready") || text.equals(REACHABLE),
                FIELD + "require",
                "\"" + text + "\" is neither Ready nor Reachable");
        boolean reachable = text.equals(REACHABLE);
        findings.require(
                !reachable || probe.path("type").asText().equals("ICMP"),
                FIELD + "require",
                "nothing is known of the peers without probes: write template.spec.probe: {type: ICMP}");
        return reachable;
    }

    /** Seconds until the condition Reachable tells of a peer that does not answer any more. */
    private static int noticedAfter(JsonNode probe) {
        return probe.path("intervalSeconds").asInt(PROBE_INTERVAL)
                        * probe.path("failureThreshold").asInt(PROBE_FAILURES)
                + probe.path("timeoutSeconds").asInt(PROBE_TIMEOUT);
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
