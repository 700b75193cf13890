package dev.iptunnel.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Required;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A route through the tunnel. In the kernel, table and metric are unsigned 32-bit numbers.
 *
 * @param destination network and prefix length, such as {@code 10.9.0.0/16}; empty if missing
 * @param gateway the router behind the tunnel; absent: none, because the tunnel has only one other end
 * @param table number of the routing table, see {@code ip-route(8)}
 * @param metric the lower one is preferred; 0 is the kernel's default: 0 for IPv4, 1024 for IPv6
 * @param withdraw {@code Never} or {@code WhenUnreachable}: whether the route goes while packets cannot pass; absent:
 *     {@code Never}
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record TunnelRoute(
        @Required String destination, @Nullable String gateway, Long table, Long metric, @Nullable String withdraw) {

    /** RT_TABLE_MAIN of linux/rtnetlink.h. */
    private static final long MAIN_TABLE = 254;

    public TunnelRoute(
            @Nullable String destination,
            @Nullable String gateway,
            @Nullable Long table,
            @Nullable Long metric,
            @Nullable String withdraw) {
        this.destination = Objects.requireNonNullElse(destination, "");
        this.gateway = gateway;
        this.table = Objects.requireNonNullElse(table, MAIN_TABLE);
        this.metric = Objects.requireNonNullElse(metric, 0L);
        this.withdraw = withdraw;
    }
}
