package dev.iptunnel.chaos;

import dev.iptunnel.api.IpTunnels;
import dev.iptunnel.chaos.ObjectChange.Create;
import java.util.List;

/**
 * A tunnel between both nodes: packets go through it. Its objects are there from the start, and nobody changes them.
 *
 * @param outer how the addresses of the nodes begin that it is between
 * @param inner how its own begin
 */
record Pair(String mode, String outer, String inner, int prefixLength) {
    static final List<Pair> ALL = List.of(
            new Pair("ipip", "10.77.0.", "10.6.1.", 30),
            new Pair("sit", "10.77.0.", "fd06:2::", 64),
            new Pair("ip6ip6", "fd77::", "fd06:3::", 64),
            new Pair("ipip6", "fd77::a:", "10.6.4.", 30));

    String name(int node) {
        return "pair" + node + "-" + mode;
    }

    String innerAddress(int node) {
        return inner + node;
    }

    Create create(int node) {
        return new Create(
                name(node),
                IpTunnels.spec(
                        """
                        nodeName: node%1$d
                        mode: %2$s
                        local: "%3$s%1$d"
                        remote: "%3$s%4$d"
                        addresses: [{address: "%5$s/%6$d"}]
                        """,
                        node, mode, outer, 3 - node, innerAddress(node), prefixLength));
    }
}
