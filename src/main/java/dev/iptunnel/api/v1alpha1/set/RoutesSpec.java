package dev.iptunnel.api.v1alpha1.set;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What is routed to the peers, beside their inner addresses. In the kernel, table and metric are unsigned 32-bit
 * numbers.
 *
 * @param podCIDRs whether the peer's {@code spec.podCIDRs} are
 * @param viaHub networks that spokes route to their hubs
 * @param table number of the routing table
 * @param metric 0 is the kernel's default
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record RoutesSpec(Boolean podCIDRs, List<String> viaHub, Long table, Long metric) {

    /** RT_TABLE_MAIN of linux/rtnetlink.h. */
    private static final long MAIN_TABLE = 254;

    public RoutesSpec(
            @Nullable Boolean podCIDRs, @Nullable List<String> viaHub, @Nullable Long table, @Nullable Long metric) {
        this.podCIDRs = Objects.requireNonNullElse(podCIDRs, false);
        this.viaHub = Lists.withoutNulls(viaHub);
        this.table = Objects.requireNonNullElse(table, MAIN_TABLE);
        this.metric = Objects.requireNonNullElse(metric, 0L);
    }
}
