package dev.iptunnel.agent.spec;

import dev.iptunnel.api.v1alpha1.TunnelRoute;
import dev.iptunnel.tunnel.InnerAddress;
import dev.iptunnel.tunnel.InnerRoute;
import dev.iptunnel.tunnel.ProbeSettings;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads which routes go while packets cannot pass. */
final class WithdrawalReader {
    private WithdrawalReader() {}

    /**
     * Some of the routes, in the same order.
     *
     * @param specs of the routes
     * @param probe of the same spec
     * @param addresses of the same spec
     */
    static List<InnerRoute> read(
            List<TunnelRoute> specs,
            List<InnerRoute> routes,
            Optional<ProbeSettings> probe,
            List<InnerAddress> addresses) {
        List<InnerRoute> withdrawable = new ArrayList<>();
        for (int i = 0; i < specs.size(); i++) {
            if (isWithdrawable("spec.routes[" + i + "].withdraw", specs.get(i).withdraw())) {
                withdrawable.add(routes.get(i));
            }
        }
        if (!withdrawable.isEmpty()) {
            check(probe, addresses);
        }
        return withdrawable;
    }

    private static boolean isWithdrawable(String field, @Nullable String withdraw) {
        return switch (withdraw) {
            case null -> false;
            case "Never" -> false;
            case "WhenUnreachable" -> true;
            default ->
                throw new InvalidSpecException(field + ": \"" + withdraw + "\" is neither Never nor WhenUnreachable");
        };
    }

    private static void check(Optional<ProbeSettings> probe, List<InnerAddress> addresses) {
        ProbeSettings settings = probe.orElseThrow(() -> new InvalidSpecException(
                "spec.probe: a route with withdraw: WhenUnreachable needs it: write probe: {type: ICMP}"));
        if (settings.target()
                .filter(target -> addresses.stream().noneMatch(address -> isOnLink(address, target)))
                .isPresent()) {
            throw new InvalidSpecException(
                    "spec.probe.target: not in the network of an address, so the way to it may go with a route that has"
                            + " withdraw: WhenUnreachable: write an address in the network of one of the addresses, or the"
                            + " peer of one");
        }
    }

    private static boolean isOnLink(InnerAddress address, InetAddress target) {
        return address.network().contains(target)
                || address.peer().filter(target::equals).isPresent();
    }
}
