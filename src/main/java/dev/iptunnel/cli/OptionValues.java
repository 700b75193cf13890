package dev.iptunnel.cli;

import dev.iptunnel.agent.cluster.StartRefusedException;
import dev.iptunnel.agent.health.PerTunnelMetrics;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.IpPrefix;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Reads the values of options. A wrong one is a {@link StartRefusedException} that says what to write. */
final class OptionValues {
    /** No other tunnel is changed in that time. */
    private static final int MOST_CONFIRM_SECONDS = 300;

    private OptionValues() {}

    static PerTunnelMetrics perTunnel(String text) {
        return Stream.of(PerTunnelMetrics.values())
                .filter(extent -> extent.name().equalsIgnoreCase(text))
                .findFirst()
                .orElseThrow(() ->
                        new StartRefusedException("--metrics-per-tunnel \"" + text + "\": write full, basic or none"));
    }

    static List<InetAddress> addresses(@Nullable String text) {
        try {
            return words(text).map(InetAddress::ofLiteral).toList();
        } catch (IllegalArgumentException e) {
            throw new StartRefusedException("--node-addresses \"" + text
                    + "\": write IP addresses, separated by commas, such as 192.0.2.1,2001:db8::1");
        }
    }

    static List<IpPrefix> networks(@Nullable String text) {
        try {
            return words(text)
                    .map(network -> IpPrefix.parse(network.contains(":") ? IpFamily.IPV6 : IpFamily.IPV4, network)
                            .network())
                    .toList();
        } catch (IllegalArgumentException e) {
            throw new StartRefusedException("--protected-networks \"" + text
                    + "\": write networks, separated by commas, such as 10.96.0.0/12,fd00:96::/112");
        }
    }

    static InetSocketAddress socketAddress(String option, String text) {
        URI uri = URI.create("http://" + text);
        if (uri.getHost() == null || uri.getPort() < 0) {
            throw new StartRefusedException(option + " \"" + text + "\": write ADDRESS:PORT, such as 127.0.0.1:9811");
        }
        return new InetSocketAddress(uri.getHost(), uri.getPort());
    }

    static Duration confirmation(int seconds) {
        if (seconds < 0 || seconds > MOST_CONFIRM_SECONDS) {
            throw new StartRefusedException("--confirm-seconds \"" + seconds + "\": write 0 to " + MOST_CONFIRM_SECONDS
                    + "; other tunnels are not changed before a change is confirmed");
        }
        return Duration.ofSeconds(seconds);
    }

    private static Stream<String> words(@Nullable String text) {
        return Stream.of(Objects.requireNonNullElse(text, "").split(","))
                .map(String::strip)
                .filter(word -> !word.isEmpty());
    }
}
