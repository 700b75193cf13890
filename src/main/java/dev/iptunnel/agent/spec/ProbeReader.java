package dev.iptunnel.agent.spec;

import dev.iptunnel.api.v1alpha1.ProbeSpec;
import dev.iptunnel.tunnel.InnerAddress;
import dev.iptunnel.tunnel.ProbeSettings;
import dev.iptunnel.tunnel.TunnelMode;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads how a tunnel is probed. */
final class ProbeReader {
    private static final String FIELD = "spec.probe";
    private static final int INTERVAL = 10;
    private static final int LONGEST_INTERVAL = 3600;
    private static final int TIMEOUT = 2;
    private static final int LONGEST_TIMEOUT = 60;
    private static final int FAILURES = 3;
    private static final int SUCCESSES = 2;
    private static final int MOST = 100;

    private ProbeReader() {}

    /**
     * Empty if nothing is probed.
     *
     * @param addresses of the same spec
     */
    static Optional<ProbeSettings> read(TunnelMode mode, @Nullable ProbeSpec probe, List<InnerAddress> addresses) {
        if (probe == null) {
            return Optional.empty();
        }
        int interval = number("intervalSeconds", probe.intervalSeconds(), INTERVAL, LONGEST_INTERVAL);
        int timeout = number("timeoutSeconds", probe.timeoutSeconds(), TIMEOUT, LONGEST_TIMEOUT);
        if (timeout > interval) {
            throw new InvalidSpecException(
                    FIELD + ".timeoutSeconds: longer than intervalSeconds, which is 10 if it is left out: write at"
                            + " most as many seconds as intervalSeconds");
        }
        ProbeSettings settings = new ProbeSettings(
                Optional.ofNullable(probe.target()).map(text -> target(mode, text, addresses)),
                Duration.ofSeconds(interval),
                Duration.ofSeconds(timeout),
                number("failureThreshold", probe.failureThreshold(), FAILURES, MOST),
                number("successThreshold", probe.successThreshold(), SUCCESSES, MOST),
                verifies(probe.pathMtu()));
        return isOn(probe.type()) ? Optional.of(settings) : Optional.empty();
    }

    private static boolean isOn(String type) {
        return switch (type) {
            case "ICMP" -> true;
            case "None" -> false;
            default -> throw new InvalidSpecException(FIELD + ".type: \"" + type + "\" is neither None nor ICMP");
        };
    }

    private static boolean verifies(@Nullable String pathMtu) {
        return switch (pathMtu) {
            case null -> false;
            case "Ignore" -> false;
            case "Verify" -> true;
            default ->
                throw new InvalidSpecException(FIELD + ".pathMtu: \"" + pathMtu + "\" is neither Ignore nor Verify");
        };
    }

    private static InetAddress target(TunnelMode mode, String text, List<InnerAddress> addresses) {
        InetAddress target = InnerNetworkReader.target(mode, FIELD + ".target", text);
        if (addresses.stream().map(InnerAddress::address).anyMatch(target::equals)) {
            throw new InvalidSpecException(
                    FIELD + ".target: one of the tunnel's own addresses: write an address of the tunnel's other end");
        }
        return target;
    }

    private static int number(String name, @Nullable Integer value, int absent, int most) {
        int number = value == null ? absent : value;
        if (number < 1 || number > most) {
            throw new InvalidSpecException(FIELD + "." + name + ": write a number from 1 to " + most);
        }
        return number;
    }
}
