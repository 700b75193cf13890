package dev.iptunnel.controller.pairing;

import com.fasterxml.jackson.databind.JsonNode;
import dev.iptunnel.api.v1alpha1.ConditionType;
import dev.iptunnel.api.v1alpha1.IpTunnelStatus;
import dev.iptunnel.controller.cluster.StoredTunnel;
import dev.iptunnel.pairing.InnerWay;
import dev.iptunnel.pairing.TunnelEnd;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.IpPrefix;
import dev.iptunnel.tunnel.TunnelMode;
import java.net.InetAddress;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/** Reads one end of a tunnel from an IpTunnel. What cannot be read, such as an address with a typing error, is left out. */
final class TunnelEndReader {
    private static final String ANY = "any";
    private static final String NONE = "none";

    private TunnelEndReader() {}

    /** Empty if the kernel has no tunnel of it, or has not been looked at. */
    static Optional<TunnelEnd> read(StoredTunnel tunnel) {
        IpTunnelStatus status = tunnel.getStatus();
        Optional<TunnelMode> mode = TunnelMode.ofText(tunnel.text("mode"));
        if (status == null || mode.isEmpty() || !isOuter(status.local()) || !isOuter(status.remote())) {
            return Optional.empty();
        }
        return Optional.of(new TunnelEnd(
                tunnel.getMetadata().getName(),
                tunnel.getMetadata().getUid(),
                tunnel.nodeName(),
                mode.get(),
                Optional.ofNullable(status.local()).flatMap(IpFamily::literal),
                Optional.ofNullable(status.remote()).flatMap(IpFamily::literal),
                status.mtu() == null ? OptionalInt.empty() : OptionalInt.of(status.mtu()),
                tunnel.getSpec().path("encapsulationLimit").asText(NONE),
                !"Down".equals(tunnel.text("adminState")),
                notReady(tunnel),
                Stream.concat(
                                elements(tunnel, "addresses").flatMap(address -> address(mode.get(), address)),
                                elements(tunnel, "routes").flatMap(route -> route(mode.get(), route)))
                        .toList()));
    }

    private static boolean isOuter(@Nullable String text) {
        return text != null && (ANY.equals(text) || IpFamily.literal(text).isPresent());
    }

    private static Optional<String> notReady(StoredTunnel tunnel) {
        return tunnel.condition(ConditionType.READY)
                .map(ready -> "True".equals(ready.getStatus())
                        ? Optional.<String>empty()
                        : Optional.ofNullable(ready.getReason()))
                .orElse(Optional.of("its agent has not reported"));
    }

    private static Stream<JsonNode> elements(StoredTunnel tunnel, String list) {
        return StreamSupport.stream(tunnel.getSpec().path(list).spliterator(), false);
    }

    private static Stream<InnerWay> address(TunnelMode mode, JsonNode address) {
        Optional<InetAddress> peer = IpFamily.literal(address.path("peer").asText(""));
        return prefix(mode, address.path("address").asText(""))
                .map(own -> peer.map(other -> InnerWay.of(own, other)).orElseGet(() -> InnerWay.of(own)));
    }

    private static Stream<InnerWay> route(TunnelMode mode, JsonNode route) {
        return prefix(mode, route.path("destination").asText("")).map(InnerWay::to);
    }

    private static Stream<IpPrefix> prefix(TunnelMode mode, String text) {
        try {
            return Stream.of(IpPrefix.parse(mode.inner(), text));
        } catch (IllegalArgumentException unreadable) {
            return Stream.empty();
        }
    }
}
