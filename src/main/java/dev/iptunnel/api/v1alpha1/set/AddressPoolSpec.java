package dev.iptunnel.api.v1alpha1.set;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Required;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where the inner addresses are taken from: each node has one.
 *
 * @param cidrs networks, such as {@code 10.200.0.0/16}
 * @param excluded networks in them that are never given out
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record AddressPoolSpec(@Required List<String> cidrs, List<String> excluded) {

    public AddressPoolSpec(@Nullable List<String> cidrs, @Nullable List<String> excluded) {
        this.cidrs = Lists.withoutNulls(cidrs);
        this.excluded = Lists.withoutNulls(excluded);
    }
}
