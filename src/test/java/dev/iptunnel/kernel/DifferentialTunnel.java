package dev.iptunnel.kernel;

import dev.iptunnel.tunnel.DesiredTunnelBuilder;
import dev.iptunnel.tunnel.InnerRoute;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.IpPrefix;
import dev.iptunnel.tunnel.OuterHeader;
import dev.iptunnel.tunnel.ReversePathFilter;
import dev.iptunnel.tunnel.TunnelMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A row of the matrix: as an IpTunnel asks for it, and as an expert types it. */
record DifferentialTunnel(TunnelMode mode, Map<String, String> row) {
    static final String VLAN = "vlan7";
    static final int MTU_OF_VLAN = 1400;

    private static final int IPV6_HEADER = 40;
    private static final int ENCAPSULATION_LIMIT_OPTION = 8;
    private static final Pattern ROUTE =
            Pattern.compile("(\\S+)(?: via (?<gateway>\\S+))?(?: table (?<table>\\d+))?(?: metric (?<metric>\\d+))?");

    DesiredTunnelBuilder desired(String name) {
        DesiredTunnelBuilder tunnel = TunnelNode.tunnel(name, mode)
                .local(word("local"))
                .remote(word("remote"))
                .parent(value("parent"))
                .outerHeader(new OuterHeader(
                        number("ttl").orElse(0),
                        number("dscp"),
                        !value("pathMtuDiscovery").equals(Optional.of("false")),
                        number("encapsulationLimit"),
                        value("flowLabel").isEmpty() ? OptionalInt.of(0) : number("flowLabel")))
                .mtu(number("mtu"))
                .addresses(addresses().toArray(String[]::new))
                .routes(value("routes").stream().map(this::route).toArray(InnerRoute[]::new))
                .up(isUp());
        value("reversePathFilter").flatMap(ReversePathFilter::ofText).ifPresent(tunnel::reversePathFilter);
        return tunnel;
    }

    private InnerRoute route(String text) {
        Matcher words = ROUTE.matcher(text);
        if (!words.matches()) {
            throw new IllegalArgumentException(text);
        }
        return new InnerRoute(
                IpPrefix.parse(mode.inner(), words.group(1)),
                Optional.ofNullable(words.group("gateway")).map(mode.inner()::parse),
                words.group("table") == null ? InnerRoute.MAIN_TABLE : Long.parseLong(words.group("table")),
                words.group("metric") == null ? 0 : Long.parseLong(words.group("metric")));
    }

    List<String> commands(String name) {
        List<String> commands = new ArrayList<>();
        commands.add(mode.outer() == IpFamily.IPV4 ? addIpv4(name) : addIpv6(name));
        value("mtu").or(this::mtuOfParent).ifPresent(mtu -> commands.add("ip link set dev " + name + " mtu " + mtu));
        value("reversePathFilter")
                .map(List.of("Disabled", "Strict", "Loose")::indexOf)
                .ifPresent(filter -> commands.add("sysctl -w net.ipv4.conf." + name + ".rp_filter=" + filter));
        if (isUp()) {
            commands.add("ip link set dev " + name + " up");
        }
        addresses().forEach(address -> commands.add("ip address add " + typed(address) + " dev " + name));
        // The kernel takes no route for an interface that is down.
        value("routes").filter(_ -> isUp()).ifPresent(route -> commands.add("ip route add " + route + " dev " + name));
        return commands;
    }

    /** Where an endpoint is any, ip6_tunnel derives nothing from the parent: whoever wants an MTU that fits types it. */
    private Optional<String> mtuOfParent() {
        boolean open = word("local").equals("any") || word("remote").equals("any");
        int overhead = IPV6_HEADER + (number("encapsulationLimit").isPresent() ? ENCAPSULATION_LIMIT_OPTION : 0);
        return mode.outer() == IpFamily.IPV6 && open && value("parent").equals(Optional.of(VLAN))
                ? Optional.of(Integer.toString(MTU_OF_VLAN - overhead))
                : Optional.empty();
    }

    private String addIpv4(String name) {
        return "ip tunnel add " + name + " mode " + mode + endpoints() + " ttl " + word("ttl") + " tos " + tos()
                + (word("pathMtuDiscovery").equals("false") ? " nopmtudisc" : "");
    }

    /** iproute2 6.1 does not know {@code hoplimit inherit}: 0 is that. */
    private String addIpv6(String name) {
        return "ip -6 tunnel add " + name + " mode " + mode + endpoints() + " hoplimit "
                + word("ttl").replace("inherit", "0") + " tclass " + tos() + " flowlabel "
                + word("flowLabel") + " encaplimit " + word("encapsulationLimit");
    }

    private String endpoints() {
        return " local " + word("local") + " remote " + word("remote")
                + value("parent").map(parent -> " dev " + parent).orElse("");
    }

    private String tos() {
        OptionalInt dscp = number("dscp");
        return dscp.isPresent() ? "0x" + Integer.toHexString(dscp.getAsInt() << 2) : "inherit";
    }

    /** {@code ADDRESS/LENGTH peer PEER} is {@code ADDRESS peer PEER/LENGTH} to iproute2. */
    private static String typed(String address) {
        return address.replaceFirst("(/\\d+) (peer .*)", " $2$1");
    }

    private List<String> addresses() {
        return value("addresses").map(text -> List.of(text.split(", "))).orElse(List.of());
    }

    private boolean isUp() {
        return word("adminState").equals("Up");
    }

    boolean leavesRpFilterAlone() {
        return value("reversePathFilter").isEmpty();
    }

    String word(String column) {
        return Objects.requireNonNull(row.get(column), column);
    }

    /** Empty for what the IpTunnel leaves out, or has not. */
    private Optional<String> value(String column) {
        return Optional.ofNullable(row.get(column)).filter(value -> !value.equals("absent"));
    }

    /** Empty for a word, too: {@code inherit}, {@code none}. */
    private OptionalInt number(String column) {
        return value(column)
                .filter(value -> Character.isDigit(value.charAt(0)))
                .map(value -> OptionalInt.of(Integer.decode(value)))
                .orElseGet(OptionalInt::empty);
    }
}
