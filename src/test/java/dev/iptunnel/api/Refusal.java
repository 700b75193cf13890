package dev.iptunnel.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.List;
import java.util.regex.Pattern;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** The API server's message when it refuses a request. */
public final class Refusal {
    /** Added by the server if only the schema refuses. */
    private static final String RULES_NOT_CHECKED = "some validation rules were not checked";

    /** Before the message of a rule: the value itself, its type, or nothing. */
    private static final Pattern VALUE = Pattern.compile("Invalid value: (\"([^\"\\\\]|\\\\.)*\"|-?[0-9]+): ");

    /** The minor version of an API server that was seen to name the value that it refuses; 1.32 names its type. */
    private static final int NAMES_VALUES = 37;

    private Refusal() {}

    /** The same text; without the value that is refused, and as JSON what is twice, where this server says neither. */
    static String asToldBy(KubernetesClient client, String text) {
        return ApiServer.isAtLeast(client, NAMES_VALUES)
                ? text
                : VALUE.matcher(text)
                        .replaceFirst("Invalid value: ")
                        .replace("Duplicate value: map[string]interface {}{", "Duplicate value: {");
    }

    /** Field and message of every cause of an invalid object. */
    static List<String> refusals(ThrowingCallable request) {
        var status = refused(request).getStatus();
        assertThat(status.getReason()).isEqualTo("Invalid");
        return status.getDetails().getCauses().stream()
                .filter(cause -> !cause.getMessage().contains(RULES_NOT_CHECKED))
                .map(cause -> cause.getField() + ": " + cause.getMessage())
                .toList();
    }

    /** The whole message of a request that is forbidden. */
    public static String forbidden(ThrowingCallable request) {
        var refused = refused(request);
        assertThat(refused.getCode()).isEqualTo(403);
        return refused.getStatus().getMessage();
    }

    private static KubernetesClientException refused(ThrowingCallable request) {
        var exception = catchThrowableOfType(KubernetesClientException.class, request);
        assertThat(exception).as("refused").isNotNull();
        return exception;
    }
}
