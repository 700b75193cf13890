package dev.iptunnel.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Required;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A route through the tunnel. The kernel's numbers of tables and metrics have 32 bits without a sign.
 *
 * @param destination network and prefix length, such as {@code 10.9.0.0/16}; empty where the object lacks it
 * @param gateway the router behind the tunnel; absent: none, for the tunnel has one other end only
 * @param table number of the routing table, see {@code ip-route(8)}
 * @param metric less is preferred; 0 is the kernel's default, 0 for IPv4 and 1024 for IPv6
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record TunnelRoute(@Required String destination, @Nullable String gateway, Long table, Long metric) {

    /** RT_TABLE_MAIN of linux/rtnetlink.h. */
    private static final long MAIN_TABLE = 254;

    public TunnelRoute(
            @Nullable String destination, @Nullable String gateway, @Nullable Long table, @Nullable Long metric) {
        this.destination = Objects.requireNonNullElse(destination, "");
        this.gateway = gateway;
        this.table = Objects.requireNonNullElse(table, MAIN_TABLE);
        this.metric = Objects.requireNonNullElse(metric, 0L);
    }
}
