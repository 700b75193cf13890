package dev.iptunnel.show;

import dev.iptunnel.kernel.inventory.PresentTunnel;
import dev.iptunnel.observation.Master;
import dev.iptunnel.observation.ObservedAddress;
import dev.iptunnel.observation.ObservedLink;
import dev.iptunnel.observation.ObservedRoute;
import dev.iptunnel.plan.Operation.AddAddress;
import dev.iptunnel.plan.Operation.AddRoute;
import dev.iptunnel.plan.Operation.AddTunnel;
import dev.iptunnel.tunnel.InnerRoute;
import dev.iptunnel.tunnel.TunnelDriver;
import dev.iptunnel.tunnel.TunnelMode;
import dev.iptunnel.tunnel.TunnelParameters;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** The commands of ip(8) that make a tunnel as it is. What they do not make is a comment. */
public final class TunnelCommands {
    private TunnelCommands() {}

    /** One command a line. */
    public static List<String> of(PresentTunnel tunnel) {
        ObservedLink link = tunnel.link();
        TunnelParameters parameters = link.tunnel().orElseThrow();
        if (tunnel.fallback()) {
            return List.of("# " + link.name() + " is the fallback device of "
                    + parameters.driver().kind() + ", which the kernel makes with the driver");
        }
        List<String> lines = new ArrayList<>();
        if (tunnel.elsewhere()) {
            lines.add("# its endpoints are in another network namespace, where it was made");
        }
        lines.add(add(tunnel, parameters));
        link.unmanaged().forEach(setting -> lines.add("# not made: " + setting.text()));
        String set = "ip link set dev " + link.name() + (link.alias().isEmpty() ? "" : " alias " + quoted(link.alias()))
                + " mtu " + link.mtu();
        lines.add(set
                + link.master().map(Master::name).map(name -> " master " + name).orElse(""));
        if (link.up()) {
            lines.add("ip link set dev " + link.name() + " up");
        }
        link.addresses().stream()
                .filter(address -> !address.isKernels())
                .forEach(address -> lines.add(address(link.name(), address)));
        link.routes().stream().filter(route -> !route.isKernels()).forEach(route -> lines.add(route(link, route)));
        return lines;
    }

    /** {@code ip tunnel} knows neither mode any for IPv4 nor an inherited hop limit; {@code ip link} knows both. */
    private static String add(PresentTunnel tunnel, TunnelParameters parameters) {
        String name = tunnel.link().name();
        String add = new AddTunnel(name, parameters, tunnel.parent(), 0).toString();
        Optional<TunnelMode> mode = TunnelMode.of(parameters.driver(), parameters.protocol());
        boolean inheritsHopLimit = parameters.driver() == TunnelDriver.IP6TNL && parameters.ttl() == 0;
        if (mode.isPresent() && !inheritsHopLimit) {
            return add;
        }
        return "ip link add " + name + " type " + parameters.driver().kind()
                + (mode.isEmpty() ? " mode any" : "")
                + add.replaceFirst("^ip (-6 )?tunnel add \\S+", "");
    }

    private static String quoted(String text) {
        return "'" + text.replace("'", "'\\''") + "'";
    }

    private static String address(String name, ObservedAddress address) {
        return new AddAddress(OptionalInt.empty(), name, address.address())
                + (address.metric().isPresent() ? " metric " + address.metric().getAsLong() : "")
                + (address.flags().contains(ObservedAddress.AddressFlag.NO_PREFIX_ROUTE) ? " noprefixroute" : "");
    }

    private static String route(ObservedLink link, ObservedRoute observed) {
        InnerRoute route = observed.route();
        String command = new AddRoute(OptionalInt.empty(), link.name(), route).toString();
        Optional<String> lacks = Expressible.lackOf(observed);
        return lacks.map(lack -> "# not made as it is (" + lack + "): " + command)
                .orElse(command);
    }
}
