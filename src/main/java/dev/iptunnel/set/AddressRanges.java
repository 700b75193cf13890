package dev.iptunnel.set;

import dev.iptunnel.tunnel.IpPrefix;
import java.util.List;

/**
 * Where the inner addresses of a set come from.
 *
 * @param networks in the order of the spec, without host bits, all of one family
 * @param excluded what is never given out
 */
public record AddressRanges(List<IpPrefix> networks, List<IpPrefix> excluded) {
    public AddressRanges {
        networks = List.copyOf(networks);
        excluded = List.copyOf(excluded);
    }
}
