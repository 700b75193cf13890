package dev.iptunnel.api.v1alpha1.set;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Required;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What is different on one node.
 *
 * @param nodeName empty if missing
 * @param outerAddress used instead of the Node's address
 * @param innerAddress used instead of an address that the pool chooses
 * @param networks behind the node: its peers route them to it
 * @param exclude whether the node has no tunnels of the set; absent: it has
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record NodeOverrideSpec(
        @Required String nodeName,
        @Nullable String outerAddress,
        @Nullable String innerAddress,
        List<String> networks,
        @Nullable Boolean exclude) {

    public NodeOverrideSpec(
            @Nullable String nodeName,
            @Nullable String outerAddress,
            @Nullable String innerAddress,
            @Nullable List<String> networks,
            @Nullable Boolean exclude) {
        this.nodeName = Objects.requireNonNullElse(nodeName, "");
        this.outerAddress = outerAddress;
        this.innerAddress = innerAddress;
        this.networks = Lists.withoutNulls(networks);
        this.exclude = exclude;
    }
}
