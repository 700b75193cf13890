package dev.iptunnel.kernel;

import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.TunnelMode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The combinations of an IpTunnel's fields that are compared with iproute2: of each mode, each two values together. */
final class DifferentialMatrix {
    static final int ROWS_OF_A_MODE = 80;

    private static final List<String> ADDRESSES4 =
            List.of("absent", "10.9.0.1/30", "10.9.0.1/32 peer 10.9.0.2", "10.9.0.1/24, 10.9.0.3/24");
    private static final List<String> ADDRESSES6 =
            List.of("absent", "fd09::1/126", "fd09::1/128 peer fd09::2", "fd09::1/64, fd09::3/64");
    private static final List<String> ROUTES4 = List.of(
            "absent",
            "10.8.1.0/24",
            "10.8.2.0/24 via 10.9.0.2",
            "10.8.3.0/24 table 1000 metric 77",
            "0.0.0.0/0 table 1001");
    private static final List<String> ROUTES6 = List.of(
            "absent", "fd08:1::/64", "fd08:2::/64 via fd09::2", "fd08:3::/64 table 1000 metric 77", "::/0 table 1001");

    private DifferentialMatrix() {}

    static List<Map<String, String>> rows(TunnelMode mode) {
        return pairwise(mode).atLeast(ROWS_OF_A_MODE);
    }

    static PairwiseRows pairwise(TunnelMode mode) {
        return new PairwiseRows(columns(mode), DifferentialMatrix::isAllowed);
    }

    /** In the words of an IpTunnel; what it leaves out is {@code absent}. */
    static Map<String, List<String>> columns(TunnelMode mode) {
        boolean outer4 = mode.outer() == IpFamily.IPV4;
        boolean inner4 = mode.inner() == IpFamily.IPV4;
        Map<String, List<String>> columns = new LinkedHashMap<>();
        columns.put("local", List.of(outer4 ? "192.0.2.1" : "2001:db8::1", "any"));
        columns.put("remote", List.of(outer4 ? "192.0.2.2" : "2001:db8::2", "any"));
        columns.put("parent", List.of("absent", "under0", "vlan7"));
        columns.put("ttl", List.of("inherit", "1", "64", "255"));
        columns.put("dscp", List.of("0", "46", "63", "inherit"));
        if (outer4) {
            columns.put("pathMtuDiscovery", List.of("true", "false"));
        } else {
            columns.put("encapsulationLimit", List.of("none", "0", "4", "255"));
            columns.put("flowLabel", List.of("0", "0x12345", "0xfffff", "inherit"));
        }
        columns.put("mtu", List.of("absent", "1280", "1452", "9000"));
        columns.put("addresses", inner4 ? ADDRESSES4 : ADDRESSES6);
        columns.put("routes", inner4 ? ROUTES4 : ROUTES6);
        if (inner4) {
            columns.put("reversePathFilter", List.of("absent", "Disabled", "Strict", "Loose"));
        }
        columns.put("adminState", List.of("Up", "Down"));
        return columns;
    }

    static boolean isAllowed(Map<String, String> row) {
        return !(is(row, "local", "any") && is(row, "remote", "any") && is(row, "parent", "absent"))
                && !(is(row, "pathMtuDiscovery", "false") && row.containsKey("ttl") && !is(row, "ttl", "inherit"))
                && !(row.getOrDefault("routes", "").contains(" via ") && is(row, "addresses", "absent"));
    }

    private static boolean is(Map<String, String> row, String column, String value) {
        return value.equals(row.get(column));
    }
}
