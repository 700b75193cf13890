package dev.iptunnel.plan;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** Why a tunnel is not programmed or not ready: the reasons of its conditions, which never change their names. */
public enum Reason {
    INTERFACE_NAME_CONFLICT(Recovery.SOMEBODY_ACTS),
    ENDPOINT_CONFLICT(Recovery.SOMEBODY_ACTS),
    FALLBACK_IN_USE(Recovery.SOMEBODY_ACTS),
    ADDRESS_CONFLICT(Recovery.SOMEBODY_ACTS),
    ROUTE_CONFLICT(Recovery.SOMEBODY_ACTS),
    ROUTE_WOULD_ISOLATE_NODE(Recovery.SOMEBODY_ACTS),
    GATEWAY_UNREACHABLE(Recovery.SOMEBODY_ACTS),
    INVALID_SPEC(Recovery.SOMEBODY_ACTS),
    PAUSED(Recovery.BY_ITSELF),
    PARENT_NOT_FOUND(Recovery.BY_ITSELF),
    VRF_NOT_FOUND(Recovery.BY_ITSELF),
    LOCAL_ADDRESS_NOT_FOUND(Recovery.BY_ITSELF),
    IPV6_DISABLED(Recovery.BY_ITSELF, "IPv6Disabled"),
    MODULE_MISSING(Recovery.BY_ITSELF),
    PERMISSION_DENIED(Recovery.BY_ITSELF),
    CONTENDED(Recovery.BY_ITSELF),
    KERNEL_ERROR(Recovery.BY_ITSELF),
    LINK_DOWN(Recovery.BY_ITSELF),
    PARENT_DOWN(Recovery.BY_ITSELF),
    VRF_DOWN(Recovery.BY_ITSELF),
    NO_ROUTE_TO_REMOTE(Recovery.BY_ITSELF),
    ROUTE_LOOP(Recovery.SOMEBODY_ACTS),
    REVERSE_PATH_FILTER_OVERRIDDEN(Recovery.SOMEBODY_ACTS),
    ROLLED_BACK(Recovery.SOMEBODY_ACTS);

    private enum Recovery {
        BY_ITSELF,
        SOMEBODY_ACTS
    }

    private final Recovery recovery;
    private final String text;

    Reason(Recovery recovery) {
        this.recovery = recovery;
        this.text = Arrays.stream(name().split("_"))
                .map(word -> word.charAt(0) + word.substring(1).toLowerCase(Locale.ROOT))
                .collect(Collectors.joining());
    }

    Reason(Recovery recovery, String text) {
        this.recovery = recovery;
        this.text = text;
    }

    /** Whether no retry can help until somebody acts, which is the condition {@code Stalled}. */
    public boolean stalls() {
        return recovery == Recovery.SOMEBODY_ACTS;
    }

    /** The reason as conditions and Events carry it, in CamelCase. */
    @Override
    public String toString() {
        return text;
    }
}
